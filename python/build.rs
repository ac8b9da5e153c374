//! What a linker has to be told about an extension module, where it has to be told anything.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
