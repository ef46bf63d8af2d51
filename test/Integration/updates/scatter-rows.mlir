// The gradient of an embedding: rows are taken away from a table, of which one
// comes three times. An index that is out of range leaves the table as it was (T4).
// RUN: sym-runner %s | FileCheck %s
// RUN: not sym-runner %s --call=step --arg=[1,3] --arg=[[1,1,1],[1,1,1]] 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: index 3 of dimension 0 is out of range for size 3

sym.shared @table : tensor<3x3xf32> = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]>
sym.func @step(%ids: tensor<?xi64>, %g: tensor<?x3xf32>) {
  %t = sym.read @table : tensor<3x3xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %n = tensor.dim %ids, %c0 : tensor<?xi64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %t) -> (tensor<3x3xf32>) {
    %id = tensor.extract %ids[%i] : tensor<?xi64>
    %row = arith.index_cast %id : i64 to index
    %b = scf.for %j = %c0 to %c3 step %c1 iter_args(%b = %a) -> (tensor<3x3xf32>) {
      %old = tensor.extract %b[%row, %j] : tensor<3x3xf32>
      %d = tensor.extract %g[%i, %j] : tensor<?x3xf32>
      %new = arith.subf %old, %d : f32
      %next = tensor.insert %new into %b[%row, %j] : tensor<3x3xf32>
      scf.yield %next : tensor<3x3xf32>
    }
    scf.yield %b : tensor<3x3xf32>
  }
  sym.return updates(@table = %r : tensor<3x3xf32>)
}
func.func @main() {
  %ids = arith.constant dense<[2, 0, 2, 2]> : tensor<4xi64>
  %g = arith.constant dense<[[1.0, 0.0, 2.0], [0.5, 0.5, 0.5], [1.0e8, 1.0, 0.0], [-1.0e8, 0.0, 1.0]]> : tensor<4x3xf32>
  %idsd = tensor.cast %ids : tensor<4xi64> to tensor<?xi64>
  %gd = tensor.cast %g : tensor<4x3xf32> to tensor<?x3xf32>
  sym.call @step(%idsd, %gd) : (tensor<?xi64>, tensor<?x3xf32>) -> ()
  %t = sym.get_value @table : tensor<3x3xf32>
  // In their order: 6 - 1e8 is -99999992 in f32, and 1e8 more is 8.
  // CHECK: {{\[\[}}0.5 1.5 2.5]
  // CHECK-NEXT: [4. 5. 6. ]
  // CHECK-NEXT: [8. 7. 6. ]]
  sym.print %t : tensor<3x3xf32>
  return
}
