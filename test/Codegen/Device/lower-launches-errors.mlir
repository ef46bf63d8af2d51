// RUN: sym-opt %s --sym-lower-launches --verify-diagnostics

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @f() kernel {
      gpu.return
    }
  }
  func.func @call(%n: index, %bytes: i32) {
    // expected-error @below {{expected a launch without tokens and dynamic shared memory}}
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n)
        threads in (%n, %n, %n) dynamic_shared_memory_size %bytes
    return
  }
}
