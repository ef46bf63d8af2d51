// RUN: sym-opt %s --sym-make-variants --split-input-file --verify-diagnostics

// A body without a body.
sym.shared @s : tensor<4xf32>
// expected-error @below {{needs its body, @f.body, to be a func.func of one block}}
sym.entry @f : () -> () reads [@s] updates [@s] body @f.body
// expected-note @below {{found this}}
func.func private @f.body(%s: tensor<4xf32>) -> tensor<4xf32>

// -----

// Control flow that is not structured.
sym.shared @s : tensor<4xf32>
// expected-error @below {{needs its body, @f.body, to be a func.func of one block}}
sym.entry @f : () -> () reads [@s] updates [@s] body @f.body
// expected-note @below {{found this}}
func.func private @f.body(%s: tensor<4xf32>) -> tensor<4xf32> {
  cf.br ^bb1
^bb1:
  return %s : tensor<4xf32>
}
