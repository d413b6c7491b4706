//! `DiffOp` and `MergeOp`: the difference between two file systems, and file systems on top of each other.
//! They are simplified as in client/llb/diff.go and merge.go, so that graphs equal Go's.

use crate::encode::{NONE, position};
use crate::{About, Graph, Output, pb};

impl Graph {
    /// Adds the difference that turns `lower` into `upper`, including deletions.
    ///
    /// The difference between scratch and `upper` is `upper` itself, and `about` is dropped. The difference between an
    /// output and itself is an operation, as in Go.
    pub fn diff(&mut self, lower: Output, upper: Output, about: About) -> Output {
        if lower.is_scratch() {
            return upper;
        }
        let mut inputs = vec![lower];
        let mut upper_input = NONE;
        if !upper.is_scratch() {
            upper_input = 1;
            inputs.push(upper);
        }
        let diff = pb::DiffOp {
            lower: Some(pb::LowerDiffInput { input: 0 }),
            upper: Some(pb::UpperDiffInput { input: upper_input }),
        };
        Output::new(self.add(inputs, None, pb::op::Op::Diff(diff), about), 0)
    }

    /// Adds a merge: the layers on top of each other, the first at the bottom. If two have the same path, the later
    /// wins.
    ///
    /// Scratch layers are left out. If one layer remains, the result is that layer; if none does, it is scratch. In
    /// both cases there is no vertex, so `about` is dropped. Repeated layers stay, because the order decides which one
    /// wins.
    pub fn merge(&mut self, layers: &[Output], about: About) -> Output {
        let layers: Vec<Output> = layers
            .iter()
            .copied()
            .filter(|layer| !layer.is_scratch())
            .collect();
        match layers.as_slice() {
            [] => Output::SCRATCH,
            [layer] => *layer,
            _ => {
                let input = |index| pb::MergeInput {
                    input: position(index),
                };
                let merge = pb::MergeOp {
                    inputs: (0..layers.len()).map(input).collect(),
                };
                Output::new(self.add(layers, None, pb::op::Op::Merge(merge), about), 0)
            }
        }
    }
}
