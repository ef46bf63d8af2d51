// RUN: sym-runner %s | FileCheck %s
// RUN: sym-runner %s > %t.inplace
// RUN: sym-runner %s --force-copies > %t.copies
// RUN: diff %t.inplace %t.copies

// Updates that overlap what they read give what copies would give (T2, T3):
// each program is run in place and with copies, and its values are known.

sym.shared @w : tensor<5xf32> = dense<[1.0, 2.0, 3.0, 4.0, 5.0]>
sym.shared @m : tensor<3x3xi64> = dense<[[1, 2, 3], [4, 5, 6], [7, 8, 9]]>
sym.shared @d : tensor<?xf32> = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
sym.shared @a : tensor<?xf64> = dense<[1.0, 2.0]> : tensor<2xf64>
sym.shared @b : tensor<?xf64> = dense<[3.0]> : tensor<1xf64>
sym.shared @c : tensor<?xf64> = dense<0.0> : tensor<0xf64>
sym.shared @x : tensor<3xi64> = dense<[0, 1, 2]>
sym.shared @y : tensor<3xi64> = dense<1>

#id = affine_map<(i) -> (i)>
#reverse = affine_map<(i) -> (4 - i)>

// Both orders of the operands, dynamic sizes.
sym.func @add_left(%v: tensor<?xf32>) {
  %s = sym.read @d : tensor<?xf32>
  %n = arith.addf %s, %v : tensor<?xf32>
  sym.return updates(@d = %n : tensor<?xf32>)
}
sym.func @add_right(%v: tensor<?xf32>) -> tensor<?xf32> {
  %s = sym.read @d : tensor<?xf32>
  %n = arith.addf %v, %s : tensor<?xf32>
  sym.return %s : tensor<?xf32> updates(@d = %n : tensor<?xf32>)
}

// w <- w[::-1]
sym.func @reverse() {
  %s = sym.read @w : tensor<5xf32>
  %e = tensor.empty() : tensor<5xf32>
  %n = linalg.generic {indexing_maps = [#reverse, #id], iterator_types = ["parallel"]}
      ins(%s : tensor<5xf32>) outs(%e : tensor<5xf32>) {
  ^bb0(%p: f32, %q: f32):
    linalg.yield %p : f32
  } -> tensor<5xf32>
  sym.return updates(@w = %n : tensor<5xf32>)
}

// m <- m.T
sym.func @transpose() -> tensor<3x3xi64> {
  %s = sym.read @m : tensor<3x3xi64>
  %e = tensor.empty() : tensor<3x3xi64>
  %n = linalg.transpose ins(%s : tensor<3x3xi64>) outs(%e : tensor<3x3xi64>) permutation = [1, 0]
  sym.return %n : tensor<3x3xi64> updates(@m = %n : tensor<3x3xi64>)
}

// w[1:] = w[:-1]
sym.func @shift() {
  %s = sym.read @w : tensor<5xf32>
  %t = tensor.extract_slice %s[0] [4] [1] : tensor<5xf32> to tensor<4xf32>
  %n = tensor.insert_slice %t into %s[1] [4] [1] : tensor<4xf32> into tensor<5xf32>
  sym.return updates(@w = %n : tensor<5xf32>)
}

// w[i] += w[i - 1], one after the other.
sym.func @prefix() {
  %s = sym.read @w : tensor<5xf32>
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %n = scf.for %i = %c1 to %c5 step %c1 iter_args(%t = %s) -> tensor<5xf32> {
    %j = arith.subi %i, %c1 : index
    %p = tensor.extract %t[%j] : tensor<5xf32>
    %q = tensor.extract %t[%i] : tensor<5xf32>
    %r = arith.addf %p, %q : f32
    %u = tensor.insert %r into %t[%i] : tensor<5xf32>
    scf.yield %u : tensor<5xf32>
  }
  sym.return updates(@w = %n : tensor<5xf32>)
}

// Doubled if the flag is set.
sym.func @maybe(%flag: tensor<i1>) {
  %s = sym.read @w : tensor<5xf32>
  %f = tensor.extract %flag[] : tensor<i1>
  %n = scf.if %f -> tensor<5xf32> {
    %t = arith.addf %s, %s : tensor<5xf32>
    scf.yield %t : tensor<5xf32>
  } else {
    scf.yield %s : tensor<5xf32>
  }
  sym.return updates(@w = %n : tensor<5xf32>)
}

// Values of different sizes change places, and keep their sizes.
sym.func @rotate() -> tensor<?xf64> {
  %p = sym.read @a : tensor<?xf64>
  %q = sym.read @b : tensor<?xf64>
  %r = sym.read @c : tensor<?xf64>
  sym.return %p : tensor<?xf64> updates(@a = %q : tensor<?xf64>, @b = %r : tensor<?xf64>, @c = %p : tensor<?xf64>)
}
sym.func @shift_down() {
  %p = sym.read @a : tensor<?xf64>
  %q = sym.read @b : tensor<?xf64>
  sym.return updates(@b = %p : tensor<?xf64>, @c = %q : tensor<?xf64>)
}
sym.func @swap_if(%flag: tensor<i1>) {
  %p = sym.read @a : tensor<?xf64>
  %q = sym.read @b : tensor<?xf64>
  %f = tensor.extract %flag[] : tensor<i1>
  %r:2 = scf.if %f -> (tensor<?xf64>, tensor<?xf64>) {
    scf.yield %q, %p : tensor<?xf64>, tensor<?xf64>
  } else {
    scf.yield %p, %q : tensor<?xf64>, tensor<?xf64>
  }
  sym.return updates(@a = %r#0 : tensor<?xf64>, @b = %r#1 : tensor<?xf64>)
}

// Carried by a loop: swapped, and Fibonacci's step.
sym.func @swap_often(%n: tensor<i64>) {
  %p = sym.read @x : tensor<3xi64>
  %q = sym.read @y : tensor<3xi64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = tensor.extract %n[] : tensor<i64>
  %k = arith.index_cast %v : i64 to index
  %r:2 = scf.for %i = %c0 to %k step %c1 iter_args(%s = %p, %t = %q) -> (tensor<3xi64>, tensor<3xi64>) {
    scf.yield %t, %s : tensor<3xi64>, tensor<3xi64>
  }
  sym.return updates(@x = %r#0 : tensor<3xi64>, @y = %r#1 : tensor<3xi64>)
}
sym.func @fibonacci(%n: tensor<i64>) {
  %p = sym.read @x : tensor<3xi64>
  %q = sym.read @y : tensor<3xi64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %v = tensor.extract %n[] : tensor<i64>
  %k = arith.index_cast %v : i64 to index
  %r:2 = scf.for %i = %c0 to %k step %c1 iter_args(%s = %p, %t = %q) -> (tensor<3xi64>, tensor<3xi64>) {
    %u = arith.addi %s, %t : tensor<3xi64>
    scf.yield %t, %u : tensor<3xi64>, tensor<3xi64>
  }
  sym.return updates(@x = %r#0 : tensor<3xi64>, @y = %r#1 : tensor<3xi64>)
}

// One value of another size, and twice the same value (S1).
sym.func @both(%v: tensor<?xf64>) {
  %p = sym.read @a : tensor<?xf64>
  sym.return updates(@a = %v : tensor<?xf64>, @b = %v : tensor<?xf64>, @c = %p : tensor<?xf64>)
}

func.func @show_abc() {
  %a = sym.get_value @a : tensor<?xf64>
  %b = sym.get_value @b : tensor<?xf64>
  %c = sym.get_value @c : tensor<?xf64>
  sym.print "a " %a : tensor<?xf64>
  sym.print "b " %b : tensor<?xf64>
  sym.print "c " %c : tensor<?xf64>
  return
}
func.func @show_w() {
  %w = sym.get_value @w : tensor<5xf32>
  sym.print "w " %w : tensor<5xf32>
  return
}
func.func @show_xy() {
  %x = sym.get_value @x : tensor<3xi64>
  %y = sym.get_value @y : tensor<3xi64>
  sym.print "x " %x : tensor<3xi64>
  sym.print "y " %y : tensor<3xi64>
  return
}

func.func @main() {
  %v = arith.constant dense<[0.5, 0.25, 0.5, 0.25]> : tensor<4xf32>
  %dv = tensor.cast %v : tensor<4xf32> to tensor<?xf32>
  sym.call @add_left(%dv) : (tensor<?xf32>) -> ()
  %old = sym.call @add_right(%dv) : (tensor<?xf32>) -> tensor<?xf32>
  %new = sym.get_value @d : tensor<?xf32>
  // CHECK: old [1.5  2.25 3.5  4.25]
  sym.print "old " %old : tensor<?xf32>
  // CHECK: new [2. 2.5 4. 4.5]
  sym.print "new " %new : tensor<?xf32>

  sym.call @reverse() : () -> ()
  // CHECK: w [5. 4. 3. 2. 1.]
  func.call @show_w() : () -> ()
  sym.call @shift() : () -> ()
  // CHECK: w [5. 5. 4. 3. 2.]
  func.call @show_w() : () -> ()
  sym.call @prefix() : () -> ()
  // CHECK: w [ 5. 10. 14. 17. 19.]
  func.call @show_w() : () -> ()
  %true = arith.constant dense<true> : tensor<i1>
  %false = arith.constant dense<false> : tensor<i1>
  sym.call @maybe(%false) : (tensor<i1>) -> ()
  // CHECK: w [ 5. 10. 14. 17. 19.]
  func.call @show_w() : () -> ()
  sym.call @maybe(%true) : (tensor<i1>) -> ()
  // CHECK: w [10. 20. 28. 34. 38.]
  func.call @show_w() : () -> ()

  %mt = sym.call @transpose() : () -> tensor<3x3xi64>
  // CHECK: m {{\[}}[1 4 7]
  // CHECK-NEXT: [2 5 8]
  // CHECK-NEXT: [3 6 9]]
  sym.print "m " %mt : tensor<3x3xi64>
  %mt2 = sym.call @transpose() : () -> tensor<3x3xi64>
  // CHECK: m {{\[}}[1 2 3]
  sym.print "m " %mt2 : tensor<3x3xi64>
  %m = sym.get_value @m : tensor<3x3xi64>
  // CHECK: m {{\[}}[1 2 3]
  sym.print "m " %m : tensor<3x3xi64>

  %r = sym.call @rotate() : () -> tensor<?xf64>
  // CHECK: r [1. 2.]
  sym.print "r " %r : tensor<?xf64>
  // CHECK: a [3.]
  // CHECK: b []
  // CHECK: c [1. 2.]
  func.call @show_abc() : () -> ()
  sym.call @shift_down() : () -> ()
  // CHECK: a [3.]
  // CHECK: b [3.]
  // CHECK: c []
  func.call @show_abc() : () -> ()
  %k = arith.constant dense<[7.0, 8.0, 9.0]> : tensor<3xf64>
  %dk = tensor.cast %k : tensor<3xf64> to tensor<?xf64>
  sym.call @both(%dk) : (tensor<?xf64>) -> ()
  // CHECK: a [7. 8. 9.]
  // CHECK: b [7. 8. 9.]
  // CHECK: c [3.]
  func.call @show_abc() : () -> ()
  %r2 = sym.call @rotate() : () -> tensor<?xf64>
  %r3 = sym.call @rotate() : () -> tensor<?xf64>
  sym.call @swap_if(%false) : (tensor<i1>) -> ()
  // CHECK: a [3.]
  // CHECK: b [7. 8. 9.]
  // CHECK: c [7. 8. 9.]
  func.call @show_abc() : () -> ()
  sym.call @swap_if(%true) : (tensor<i1>) -> ()
  // CHECK: a [7. 8. 9.]
  // CHECK: b [3.]
  func.call @show_abc() : () -> ()

  %n0 = arith.constant dense<0> : tensor<i64>
  %n1 = arith.constant dense<1> : tensor<i64>
  %n5 = arith.constant dense<5> : tensor<i64>
  %n6 = arith.constant dense<6> : tensor<i64>
  sym.call @swap_often(%n0) : (tensor<i64>) -> ()
  // CHECK: x [0 1 2]
  // CHECK: y [1 1 1]
  func.call @show_xy() : () -> ()
  sym.call @swap_often(%n5) : (tensor<i64>) -> ()
  // CHECK: x [1 1 1]
  // CHECK: y [0 1 2]
  func.call @show_xy() : () -> ()
  sym.call @swap_often(%n6) : (tensor<i64>) -> ()
  sym.call @swap_often(%n1) : (tensor<i64>) -> ()
  // CHECK: x [0 1 2]
  // CHECK: y [1 1 1]
  func.call @show_xy() : () -> ()
  sym.call @fibonacci(%n0) : (tensor<i64>) -> ()
  // CHECK: x [0 1 2]
  // CHECK: y [1 1 1]
  func.call @show_xy() : () -> ()
  sym.call @fibonacci(%n1) : (tensor<i64>) -> ()
  // CHECK: x [1 1 1]
  // CHECK: y [1 2 3]
  func.call @show_xy() : () -> ()
  sym.call @fibonacci(%n6) : (tensor<i64>) -> ()
  // CHECK: x [13 21 29]
  // CHECK: y [21 34 47]
  func.call @show_xy() : () -> ()
  return
}
