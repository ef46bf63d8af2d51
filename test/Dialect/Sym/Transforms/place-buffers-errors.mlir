// RUN: sym-opt %s --sym-place-buffers --split-input-file --verify-diagnostics

// expected-note @below {{@a is declared here}}
sym.shared @a : tensor<4xf32>
// expected-note @below {{@b is declared here}}
sym.shared @b in <cuda, 1> : tensor<4xf32>
// expected-error @below {{expected the variables of @f on one device, found @a on 0 and @b on 1}}
sym.entry @f : () -> () reads [@a, @b] updates [] inplace @f.o [] outofplace @f.o []
func.func private @f.o(%a: memref<4xf32>, %b: memref<4xf32>) {
  return
}

// -----

sym.shared @a : tensor<f32>
// expected-error @below {{has a body where variants are expected}}
sym.entry @f : () -> () reads [@a] updates [] body @f.body
func.func private @f.body(%a: tensor<f32>) {
  return
}
