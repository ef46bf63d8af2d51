// A slice beyond the end fails the call.
// RUN: not sym-runner %s 2>&1 | FileCheck %s

sym.shared @s : tensor<?xi64> = dense<[1, 2, 3]> : tensor<3xi64>

sym.func @part(%i: tensor<i64>) -> tensor<2xi64> {
  %s = sym.read @s : tensor<?xi64>
  %i0 = tensor.extract %i[] : tensor<i64>
  %j = arith.index_cast %i0 : i64 to index
  %p = tensor.extract_slice %s[%j] [2] [1] : tensor<?xi64> to tensor<2xi64>
  sym.return %p : tensor<2xi64>
}
func.func @main() {
  %one = arith.constant dense<1> : tensor<i64>
  %a = sym.call @part(%one) : (tensor<i64>) -> tensor<2xi64>
  // CHECK-DAG: part [2 3]
  sym.print "part " %a : tensor<2xi64>
  %two = arith.constant dense<2> : tensor<i64>
  // CHECK-DAG: SYM_INDEX_OUT_OF_RANGE
  %b = sym.call @part(%two) : (tensor<i64>) -> tensor<2xi64>
  return
}
