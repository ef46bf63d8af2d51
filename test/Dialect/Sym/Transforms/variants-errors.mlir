// What the passes between the variants and their slots say if the passes before
// them have not run, or others have broken what they left.
// RUN: sym-opt %s --sym-choose-destinations --split-input-file --verify-diagnostics
// RUN: sym-opt %s --sym-assign-slots --split-input-file --verify-diagnostics
// RUN: sym-opt %s --sym-rotate-loop-buffers --split-input-file --verify-diagnostics
// RUN: sym-opt %s --sym-plan-memory --split-input-file --verify-diagnostics
// RUN: sym-opt %s --sym-schedule-commit --split-input-file --verify-diagnostics
// RUN: sym-opt %s --sym-verify-commit --split-input-file --verify-diagnostics
// RUN: sym-opt %s --sym-report-buffers --split-input-file --verify-diagnostics

sym.shared @s : tensor<4xf32>
// expected-error @below {{'sym.entry' op has a body where variants are expected; run sym-make-variants first}}
sym.entry @f : () -> tensor<4xf32> reads [@s] updates [] body @f.body
func.func private @f.body(%s: tensor<4xf32>) -> tensor<4xf32> {
  return %s : tensor<4xf32>
}

// -----

sym.shared @s : tensor<4xf32>
// expected-error @below {{'sym.entry' op needs @f.o to be a func.func of one block}}
sym.entry @f : () -> tensor<4xf32> reads [@s] updates [] inplace @f.o [] outofplace @f.o []
// expected-note @below {{found this}}
func.func private @f.o(%s: memref<4xf32>) -> memref<4xf32> {
  cf.br ^bb1
^bb1:
  return %s : memref<4xf32>
}
