// RUN: sym-opt %s --sym-outline-variants --verify-diagnostics

sym.shared @n : tensor<i64> = dense<1>
// expected-error @+1 {{'sym.entry' op has no variants; the stage 'buffers' makes them}}
sym.entry @count : () -> tensor<i64> reads [@n] updates [] body @count.body
func.func private @count.body(%n: tensor<i64>) -> tensor<i64> {
  return %n : tensor<i64>
}
