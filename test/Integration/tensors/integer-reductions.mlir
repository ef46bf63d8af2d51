// Integer reductions are exact: sum, product, bits, extrema, and of booleans.
// RUN: sym-runner %s | FileCheck %s

sym.func @f(%x: tensor<?xi64>) -> (tensor<i64>, tensor<i64>, tensor<i64>, tensor<i64>, tensor<i1>) {
  %zero = arith.constant dense<0> : tensor<i64>
  %one = arith.constant dense<1> : tensor<i64>
  %low = arith.constant dense<-9223372036854775808> : tensor<i64>
  %true = arith.constant dense<true> : tensor<i1>
  %sum = linalg.reduce { arith.addi } ins(%x : tensor<?xi64>) outs(%zero : tensor<i64>) dimensions = [0]
  %product = linalg.reduce { arith.muli } ins(%x : tensor<?xi64>) outs(%one : tensor<i64>) dimensions = [0]
  %bits = linalg.reduce { arith.xori } ins(%x : tensor<?xi64>) outs(%zero : tensor<i64>) dimensions = [0]
  %max = linalg.reduce { arith.maxsi } ins(%x : tensor<?xi64>) outs(%low : tensor<i64>) dimensions = [0]
  %all = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]}
      ins(%x : tensor<?xi64>) outs(%true : tensor<i1>) {
  ^bb0(%e: i64, %acc: i1):
    %z = arith.constant 0 : i64
    %p = arith.cmpi sgt, %e, %z : i64
    %r = arith.andi %acc, %p : i1
    linalg.yield %r : i1
  } -> tensor<i1>
  sym.return %sum, %product, %bits, %max, %all : tensor<i64>, tensor<i64>, tensor<i64>, tensor<i64>, tensor<i1>
}
func.func @main() {
  %x0 = arith.constant dense<[3, 5, 7, 11, 2]> : tensor<5xi64>
  %x = tensor.cast %x0 : tensor<5xi64> to tensor<?xi64>
  %a, %b, %c, %d, %e = sym.call @f(%x) : (tensor<?xi64>) -> (tensor<i64>, tensor<i64>, tensor<i64>, tensor<i64>, tensor<i1>)
  // CHECK: sum 28
  sym.print "sum " %a : tensor<i64>
  // CHECK: product 2310
  sym.print "product " %b : tensor<i64>
  // CHECK: bits 8
  sym.print "bits " %c : tensor<i64>
  // CHECK: max 11
  sym.print "max " %d : tensor<i64>
  // CHECK: all True
  sym.print "all " %e : tensor<i1>
  return
}
