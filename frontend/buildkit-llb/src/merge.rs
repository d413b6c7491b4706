//! `DiffOp` and `MergeOp`: what one file system has more than another, and file systems on top of each other.
//! The simplifications are those of client/llb/diff.go and merge.go, so that graphs are equal to Go's.

use crate::encode::{NONE, position};
use crate::{About, Graph, Output, pb};

impl Graph {
    /// The difference that makes `upper` out of `lower`, deletions included.
    ///
    /// A difference to scratch is `upper` itself; `about` is dropped then. A difference of an output to itself stays an
    /// operation, as in Go.
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

    /// The layers on top of each other, the first lowest. Where two have the same path, the later wins.
    ///
    /// Scratch layers are left out. Of one remaining layer the merge is that layer, of none it is scratch; `about` is
    /// dropped then, since there is no vertex. Repeated layers stay, since the order decides who wins.
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
