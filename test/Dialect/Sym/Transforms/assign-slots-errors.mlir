// RUN: sym-opt %s --sym-assign-slots --split-input-file --verify-diagnostics

// Before variants were made.
sym.shared @s : tensor<4xf32>
// expected-error @below {{has a body where variants are expected; run sym-make-variants first}}
sym.entry @f : () -> () reads [@s] updates [@s] body @f.body
func.func private @f.body(%s: tensor<4xf32>) -> tensor<4xf32> {
  return %s : tensor<4xf32>
}

// -----

// Before bufferization.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.i [] outofplace @f.i []
// expected-error @below {{must take and return buffers of identity layout, but has 'tensor<4xf32>'}}
func.func private @f.i(%s: tensor<4xf32>) -> tensor<4xf32> {
  return %s : tensor<4xf32>
}
