// A value changes its size from call to call: elements are appended.
// RUN: sym-runner %s | FileCheck %s

sym.shared @log : tensor<?xi64> = dense<[1]> : tensor<1xi64>
sym.func @append(%x: tensor<i64>) -> tensor<i64> {
  %log = sym.read @log : tensor<?xi64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %log, %c0 : tensor<?xi64>
  %m = arith.addi %n, %c1 : index
  %longer = tensor.empty(%m) : tensor<?xi64>
  %copied = tensor.insert_slice %log into %longer[0] [%n] [1] : tensor<?xi64> into tensor<?xi64>
  %value = tensor.extract %x[] : tensor<i64>
  %next = tensor.insert %value into %copied[%n] : tensor<?xi64>
  %size = arith.index_cast %m : index to i64
  %r = tensor.from_elements %size : tensor<i64>
  sym.return %r : tensor<i64> updates(@log = %next : tensor<?xi64>)
}
func.func @main() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  scf.for %i = %c0 to %c5 step %c1 {
    %v = arith.index_cast %i : index to i64
    %square = arith.muli %v, %v : i64
    %x = tensor.from_elements %square : tensor<i64>
    %n = sym.call @append(%x) : (tensor<i64>) -> tensor<i64>
    // CHECK: size 2
    // CHECK: size 3
    // CHECK: size 4
    // CHECK: size 5
    // CHECK: size 6
    sym.print "size " %n : tensor<i64>
  }
  %log = sym.get_value @log : tensor<?xi64>
  // CHECK: [ 1 0 1 4 9 16]
  sym.print %log : tensor<?xi64>
  return
}
