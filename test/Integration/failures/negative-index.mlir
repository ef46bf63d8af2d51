// A negative index fails the call.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @s : tensor<?xi64> = dense<[1, 2, 3]> : tensor<3xi64>

sym.func @at(%i: tensor<i64>) -> tensor<i64> {
  %s = sym.read @s : tensor<?xi64>
  %i0 = tensor.extract %i[] : tensor<i64>
  %j = arith.index_cast %i0 : i64 to index
  %e = tensor.extract %s[%j] : tensor<?xi64>
  %r = tensor.from_elements %e : tensor<i64>
  sym.return %r : tensor<i64>
}
func.func @main() {
  %i = arith.constant dense<-1> : tensor<i64>
  // CHECK: SYM_INDEX_OUT_OF_RANGE{{.*}}-1
  %b = sym.call @at(%i) : (tensor<i64>) -> tensor<i64>
  return
}
