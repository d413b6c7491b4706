//! The binary. BuildKit starts it without arguments; people start it with a command.

use std::process::ExitCode;

use gateway::{Grpc, Options};
use inlay::{CatalogueFiles, offline};

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        return offline::main();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let served = match runtime {
        Ok(runtime) => runtime.block_on(serve()),
        Err(error) => Err(format!("cannot start: {error}")),
    };
    let status = match served {
        Ok(()) => 0,
        Err(message) => {
            eprintln!("inlay: {message}");
            1
        }
    };
    // BuildKit closes our input only after this process has ended, so nothing may wait for it.
    std::process::exit(status)
}

async fn serve() -> Result<(), String> {
    let grpc = Grpc::connect_stdio()
        .await
        .map_err(|error| error.to_string())?;
    let served = gateway::serve(&grpc, async || {
        let options = Options::from_environment(std::env::vars())?;
        let catalogue = CatalogueFiles::of_frontend();
        // On the heap, because the future holds a whole build.
        Box::pin(inlay::answer(&grpc, &options, &catalogue)).await
    });
    served.await.map_err(|error| error.to_string())
}
