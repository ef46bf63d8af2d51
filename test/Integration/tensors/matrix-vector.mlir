// Rows of a product with a vector are computed four at a time; those that are
// left over, short vectors, and no rows or columns at all.
// RUN: sym-runner %s | FileCheck %s

// The element at (i, j) of the matrix is i + 1 + j, that of the vector j.
sym.func @product(%rows: tensor<i64>, %columns: tensor<i64>) -> tensor<?xf32> {
  %m64 = tensor.extract %rows[] : tensor<i64>
  %n64 = tensor.extract %columns[] : tensor<i64>
  %m = arith.index_cast %m64 : i64 to index
  %n = arith.index_cast %n64 : i64 to index
  %a = tensor.generate %m, %n {
  ^bb0(%i: index, %j: index):
    %c1 = arith.constant 1 : index
    %i1 = arith.addi %i, %c1 : index
    %sum = arith.addi %i1, %j : index
    %int = arith.index_cast %sum : index to i32
    %float = arith.sitofp %int : i32 to f32
    tensor.yield %float : f32
  } : tensor<?x?xf32>
  %x = tensor.generate %n {
  ^bb0(%j: index):
    %int = arith.index_cast %j : index to i32
    %float = arith.sitofp %int : i32 to f32
    tensor.yield %float : f32
  } : tensor<?xf32>
  %e = tensor.empty(%m) : tensor<?xf32>
  %one = arith.constant 1.0 : f32
  %start = linalg.fill ins(%one : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %y = linalg.matvec ins(%a, %x : tensor<?x?xf32>, tensor<?xf32>)
      outs(%start : tensor<?xf32>) -> tensor<?xf32>
  sym.return %y : tensor<?xf32>
}

func.func @main() {
  %c0 = arith.constant dense<0> : tensor<i64>
  %c3 = arith.constant dense<3> : tensor<i64>
  %c4 = arith.constant dense<4> : tensor<i64>
  %c7 = arith.constant dense<7> : tensor<i64>
  %c8 = arith.constant dense<8> : tensor<i64>
  %c11 = arith.constant dense<11> : tensor<i64>
  // 1 + 55 (i + 1) + 385, since the sums of 0 to 10 and of their squares are
  // 55 and 385.
  // CHECK: [441. 496. 551. 606. 661. 716. 771.]
  %a = sym.call @product(%c7, %c11) : (tensor<i64>, tensor<i64>) -> tensor<?xf32>
  sym.print %a : tensor<?xf32>
  // 1 + 28 (i + 1) + 140.
  // CHECK-NEXT: [169. 197. 225. 253.]
  %b = sym.call @product(%c4, %c8) : (tensor<i64>, tensor<i64>) -> tensor<?xf32>
  sym.print %b : tensor<?xf32>
  // 1 + 3 (i + 1) + 5.
  // CHECK-NEXT: [ 9. 12. 15.]
  %c = sym.call @product(%c3, %c3) : (tensor<i64>, tensor<i64>) -> tensor<?xf32>
  sym.print %c : tensor<?xf32>
  // CHECK-NEXT: [1. 1. 1. 1.]
  %d = sym.call @product(%c4, %c0) : (tensor<i64>, tensor<i64>) -> tensor<?xf32>
  sym.print %d : tensor<?xf32>
  // CHECK-NEXT: []
  %none = sym.call @product(%c0, %c4) : (tensor<i64>, tensor<i64>) -> tensor<?xf32>
  sym.print %none : tensor<?xf32>
  return
}
