// What the stage linalg makes of whole programs, executed. The expected numbers
// were computed with NumPy; all are exact in f32.
// RUN: sym-runner %s | FileCheck %s
// RUN: sym-runner --force-copies --no-blas %s | FileCheck %s

#row = affine_map<(i, j) -> (i, j)>

sym.shared @w : tensor<?xf32> = dense<[1.0, 2.0, 3.0, 4.0, 5.0]> : tensor<5xf32>
sym.shared @m : tensor<?xf32> = dense<[0.0, 1.0, 0.0, -1.0, 2.0]> : tensor<5xf32>
sym.shared @square : tensor<2x2xf32> = dense<[[1.0, 2.0], [3.0, 4.0]]>

// Momentum: two updates in one loop nest; the old weights are returned.
sym.func @momentum(%g: tensor<?xf32>) -> tensor<?xf32> {
  %w = sym.read @w : tensor<?xf32>
  %m = sym.read @m : tensor<?xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %w, %c0 : tensor<?xf32>
  %half = arith.constant 0.5 : f32
  %halves = tensor.splat %half[%n] : tensor<?xf32>
  %m0 = arith.mulf %m, %halves : tensor<?xf32>
  %m1 = arith.addf %m0, %g : tensor<?xf32>
  %w1 = arith.subf %w, %m1 : tensor<?xf32>
  sym.return %w : tensor<?xf32> updates(@w = %w1 : tensor<?xf32>, @m = %m1 : tensor<?xf32>)
}

// The sum reads the old value, whatever the order of statements (T2), and a
// transposition reads in another order than the update writes.
sym.func @mix(%x: tensor<2x2xf32>) -> (tensor<2xf32>, tensor<2x2xf32>) {
  %s = sym.read @square : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %e1 = tensor.empty() : tensor<2xf32>
  %zero = arith.constant 0.0 : f32
  %t = linalg.transpose ins(%s : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) permutation = [1, 0]
  %n = arith.addf %s, %t : tensor<2x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e1 : tensor<2xf32>) -> tensor<2xf32>
  %p = arith.mulf %s, %x : tensor<2x2xf32>
  %sum = linalg.reduce { arith.addf } ins(%p : tensor<2x2xf32>) outs(%f : tensor<2xf32>) dimensions = [1]
  %f2 = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  %prod = linalg.matmul ins(%t, %x : tensor<2x2xf32>, tensor<2x2xf32>) outs(%f2 : tensor<2x2xf32>) -> tensor<2x2xf32>
  sym.return %sum, %prod : tensor<2xf32>, tensor<2x2xf32> updates(@square = %n : tensor<2x2xf32>)
}

// A convolution, channels first, as a product.
sym.func @conv(%x: tensor<?x2x3x4xf32>, %k: tensor<4x2x2x2xf32>) -> tensor<?x4x2x3xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x2x3x4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?x4x2x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x4x2x3xf32>) -> tensor<?x4x2x3xf32>
  %r = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%x, %k : tensor<?x2x3x4xf32>, tensor<4x2x2x2xf32>) outs(%f : tensor<?x4x2x3xf32>) -> tensor<?x4x2x3xf32>
  sym.return %r : tensor<?x4x2x3xf32>
}

#abtk = affine_map<(b, t, n, k) -> (b, t, k)>
#akn = affine_map<(b, t, n, k) -> (k, n)>
#abtn = affine_map<(b, t, n, k) -> (b, t, n)>

// Two loops over rows, both of dynamic size.
sym.func @rows(%a: tensor<?x?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?x?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d0 = tensor.dim %a, %c0 : tensor<?x?x?xf32>
  %d1 = tensor.dim %a, %c1 : tensor<?x?x?xf32>
  %d2 = tensor.dim %b, %c1 : tensor<?x?xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%d0, %d1, %d2) : tensor<?x?x?xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %r = linalg.contract indexing_maps = [#abtk, #akn, #abtn]
      ins(%a, %b : tensor<?x?x?xf32>, tensor<?x?xf32>) outs(%f : tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  sym.return %r : tensor<?x?x?xf32>
}

// Gathered rows, padded and repeated.
sym.func @pieces(%x: tensor<?x2xf32>, %at: tensor<?x1xi32>) -> tensor<?x4xf32> {
  %seven = arith.constant 7.0 : f32
  %g = tensor.gather %x[%at] gather_dims([0]) : (tensor<?x2xf32>, tensor<?x1xi32>) -> tensor<?x2xf32>
  %p = tensor.pad %g low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %seven : f32
  } : tensor<?x2xf32> to tensor<?x4xf32>
  %c = tensor.concat dim(0) %p, %p : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  sym.return %c : tensor<?x4xf32>
}

func.func @main() {
  %g = arith.constant dense<[1.0, 1.0, 2.0, 2.0, -1.0]> : tensor<5xf32>
  %gd = tensor.cast %g : tensor<5xf32> to tensor<?xf32>
  // CHECK: [1. 2. 3. 4. 5.]
  %old = sym.call @momentum(%gd) : (tensor<?xf32>) -> tensor<?xf32>
  sym.print %old : tensor<?xf32>
  // CHECK-NEXT: [0. 0.5 1. 2.5 5. ]
  %w = sym.get_value @w : tensor<?xf32>
  sym.print %w : tensor<?xf32>
  // CHECK-NEXT: [1. 1.5 2. 1.5 0. ]
  %m = sym.get_value @m : tensor<?xf32>
  sym.print %m : tensor<?xf32>

  %x2 = arith.constant dense<[[1.0, -1.0], [2.0, 0.5]]> : tensor<2x2xf32>
  %sum, %prod = sym.call @mix(%x2) : (tensor<2x2xf32>) -> (tensor<2xf32>, tensor<2x2xf32>)
  // CHECK: [-1. 8.]
  sym.print %sum : tensor<2xf32>
  // CHECK: {{\[\[}} 7. 0.5]
  // CHECK-NEXT: [10. 0. ]]
  sym.print %prod : tensor<2x2xf32>
  %s = sym.get_value @square : tensor<2x2xf32>
  // CHECK: {{\[\[}}2. 5.]
  // CHECK-NEXT: [5. 8.]]
  sym.print %s : tensor<2x2xf32>

  %image = tensor.generate {
  ^bb0(%n: index, %c: index, %i: index, %j: index):
    %c3 = arith.constant 3 : index
    %a = arith.muli %c, %c3 : index
    %b = arith.muli %i, %j : index
    %0 = arith.addi %a, %b : index
    %1 = arith.addi %0, %n : index
    %2 = arith.index_cast %1 : index to i32
    %3 = arith.sitofp %2 : i32 to f32
    tensor.yield %3 : f32
  } : tensor<2x2x3x4xf32>
  %filter = tensor.generate {
  ^bb0(%f: index, %c: index, %i: index, %j: index):
    %a = arith.muli %f, %i : index
    %b = arith.muli %c, %j : index
    %0 = arith.addi %a, %b : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.sitofp %1 : i32 to f32
    tensor.yield %2 : f32
  } : tensor<4x2x2x2xf32>
  %images = tensor.cast %image : tensor<2x2x3x4xf32> to tensor<?x2x3x4xf32>
  %conv = sym.call @conv(%images, %filter) : (tensor<?x2x3x4xf32>, tensor<4x2x2x2xf32>) -> tensor<?x4x2x3xf32>
  // CHECK: 7. 8. 9.
  // CHECK: 9. 12. 15.
  // CHECK: 15. 20. 25.
  // CHECK: 19. 30. 41.
  // CHECK: 23. 32. 41.
  // CHECK: 29. 48. 67.
  // CHECK: 31. 44. 57.
  // CHECK: 39. 66. 93.
  // CHECK: 9. 10. 11.
  // CHECK: 11. 14. 17.
  // CHECK: 21. 26. 31.
  // CHECK: 25. 36. 47.
  // CHECK: 33. 42. 51.
  // CHECK: 39. 58. 77.
  // CHECK: 45. 58. 71.
  // CHECK: 53. 80. 107.
  sym.print %conv : tensor<?x4x2x3xf32>
  %none = tensor.extract_slice %image[0, 0, 0, 0] [0, 2, 3, 4] [1, 1, 1, 1] : tensor<2x2x3x4xf32> to tensor<0x2x3x4xf32>
  %noned = tensor.cast %none : tensor<0x2x3x4xf32> to tensor<?x2x3x4xf32>
  %noconv = sym.call @conv(%noned, %filter) : (tensor<?x2x3x4xf32>, tensor<4x2x2x2xf32>) -> tensor<?x4x2x3xf32>
  // CHECK: []
  sym.print %noconv : tensor<?x4x2x3xf32>

  %a = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[0.0, 1.0], [-1.0, 0.0], [2.0, 2.0]]]> : tensor<2x3x2xf32>
  %b = arith.constant dense<[[1.0, 0.0, 2.0], [1.0, -1.0, 0.5]]> : tensor<2x3xf32>
  %ad = tensor.cast %a : tensor<2x3x2xf32> to tensor<?x?x?xf32>
  %bd = tensor.cast %b : tensor<2x3xf32> to tensor<?x?xf32>
  %rows = sym.call @rows(%ad, %bd) : (tensor<?x?x?xf32>, tensor<?x?xf32>) -> tensor<?x?x?xf32>
  // CHECK: 3.{{ +}}-2.{{ +}}3.
  // CHECK: 7.{{ +}}-4.{{ +}}8.
  // CHECK: 11.{{ +}}-6.{{ +}}13.
  // CHECK: 1.{{ +}}-1.{{ +}}0.5
  // CHECK: -1.{{ +}}0.{{ +}}-2.
  // CHECK: 4.{{ +}}-2.{{ +}}5.
  sym.print %rows : tensor<?x?x?xf32>

  %at = arith.constant dense<[[1], [0]]> : tensor<2x1xi32>
  %atd = tensor.cast %at : tensor<2x1xi32> to tensor<?x1xi32>
  %two = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %twod = tensor.cast %two : tensor<2x2xf32> to tensor<?x2xf32>
  %pieces = sym.call @pieces(%twod, %atd) : (tensor<?x2xf32>, tensor<?x1xi32>) -> tensor<?x4xf32>
  // CHECK: [7. 3. 4. 7.]
  // CHECK: [7. 1. 2. 7.]
  // CHECK: [7. 3. 4. 7.]
  // CHECK: [7. 1. 2. 7.]
  sym.print %pieces : tensor<?x4xf32>
  return
}
