// Launches that the runtime does not make.
// RUN: sym-opt %s --sym-lower-to-runtime --split-input-file --verify-diagnostics

module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @f() kernel {
      gpu.return
    }
  }
  sym.entry @f : () -> () reads [] updates []
      inplace @call [] outofplace @call [] {sym.device = #sym.space<cuda>}
  func.func private @call() {
    %n = arith.constant 1 : index
    // expected-error @below {{launches @kernels::@f, which no gpu.binary holds; 'sym-compile-kernels' makes it}}
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n) threads in (%n, %n, %n)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">,
    kernels = <[#gpu.kernel_metadata<"f", !llvm.func<void (i128)>>]>,
    assembly = "text">]
  sym.entry @f : () -> () reads [] updates []
      inplace @call [] outofplace @call [] {sym.device = #sym.space<cuda>}
  func.func private @call() {
    %n = arith.constant 1 : index
    %wide = arith.constant 1 : i128
    // expected-error @below {{expected pointers and numbers of at most eight bytes as parameters, found 'i128'}}
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n) threads in (%n, %n, %n)
        args(%wide : i128)
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">,
    kernels = <[#gpu.kernel_metadata<"f", !llvm.func<void ()>>]>,
    assembly = "text">]
  sym.entry @f : () -> () reads [] updates []
      inplace @call [] outofplace @call [] {sym.device = #sym.space<cuda>}
  func.func private @call() {
    %n = arith.constant 1 : index
    %bytes = arith.constant 1 : i32
    // expected-error @below {{expected a launch without tokens, streams, clusters and dynamic shared memory}}
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n) threads in (%n, %n, %n)
        dynamic_shared_memory_size %bytes
    return
  }
}

// -----

module attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">,
    kernels = <[#gpu.kernel_metadata<"f", !llvm.func<void ()>>]>,
    assembly = "text">]
  func.func @main() {
    %n = arith.constant 1 : index
    // expected-error @below {{launches a kernel in what does not run on a device; a function that does names it in 'sym.device'}}
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n) threads in (%n, %n, %n)
    return
  }
}
