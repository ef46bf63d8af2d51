// C1: what an `scf.while` carries is copied in no iteration, nor before the loop:
// it reads the variables where they are. Each is copied once into the update.
// RUN: sym-opt %s --sym-to-llvm="until-after=buffers report-buffers" --verify-diagnostics -o /dev/null
// RUN: sym-runner %s | FileCheck %s
// RUN: sym-runner %s --force-copies | FileCheck %s
// RUN: env SYM_DEBUG_MEMORY=1 sym-runner %s | FileCheck %s

#map = affine_map<(i) -> (i)>

sym.shared @a : tensor<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
sym.shared @b : tensor<4xf32> = dense<[5.0, 6.0, 7.0, 8.0]>
sym.shared @c : tensor<4xf32> = dense<[9.0, 10.0, 11.0, 12.0]>

// Two that change places.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 2 fresh; copies: 2; allocations: 0}}
sym.func @swap(%n: tensor<i64>) {
  %x = sym.read @a : tensor<4xf32>
  %y = sym.read @b : tensor<4xf32>
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %end = tensor.extract %n[] : tensor<i64>
  %r:3 = scf.while (%p = %x, %q = %y, %i = %c0) : (tensor<4xf32>, tensor<4xf32>, i64) -> (tensor<4xf32>, tensor<4xf32>, i64) {
    %more = arith.cmpi slt, %i, %end : i64
    scf.condition(%more) %p, %q, %i : tensor<4xf32>, tensor<4xf32>, i64
  } do {
  ^bb0(%p: tensor<4xf32>, %q: tensor<4xf32>, %i: i64):
    %next = arith.addi %i, %c1 : i64
    scf.yield %q, %p, %next : tensor<4xf32>, tensor<4xf32>, i64
  }
  sym.return updates(@a = %r#0 : tensor<4xf32>, @b = %r#1 : tensor<4xf32>)
}

// One that is computed anew from itself, backwards.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 1 fresh; copies: 1; allocations: 0}}
sym.func @replace(%n: tensor<i64>) {
  %x = sym.read @a : tensor<4xf32>
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %end = tensor.extract %n[] : tensor<i64>
  %r:2 = scf.while (%p = %x, %i = %c0) : (tensor<4xf32>, i64) -> (tensor<4xf32>, i64) {
    %more = arith.cmpi slt, %i, %end : i64
    scf.condition(%more) %p, %i : tensor<4xf32>, i64
  } do {
  ^bb0(%p: tensor<4xf32>, %i: i64):
    %next = arith.addi %i, %c1 : i64
    %e = tensor.empty() : tensor<4xf32>
    %q = linalg.generic {indexing_maps = [#map], iterator_types = ["parallel"]} outs(%e : tensor<4xf32>) {
    ^bb0(%out: f32):
      %k = linalg.index 0 : index
      %c3 = arith.constant 3 : index
      %l = arith.subi %c3, %k : index
      %v = tensor.extract %p[%l] : tensor<4xf32>
      linalg.yield %v : f32
    } -> tensor<4xf32>
    scf.yield %q, %next : tensor<4xf32>, i64
  }
  sym.return updates(@a = %r#0 : tensor<4xf32>)
}

// Three that cross, one of them new; the first region reads one, and forwards
// in another order.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 3 fresh; copies: 3; allocations: 0}}
sym.func @cross(%limit: tensor<f32>) {
  %x = sym.read @a : tensor<4xf32>
  %y = sym.read @b : tensor<4xf32>
  %z = sym.read @c : tensor<4xf32>
  %most = tensor.extract %limit[] : tensor<f32>
  %i0 = arith.constant 0 : index
  %r:3 = scf.while (%p = %x, %q = %y, %s = %z) : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
    %v = tensor.extract %p[%i0] : tensor<4xf32>
    %more = arith.cmpf olt, %v, %most : f32
    scf.condition(%more) %s, %p, %q : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  } do {
  ^bb0(%s: tensor<4xf32>, %p: tensor<4xf32>, %q: tensor<4xf32>):
    %sum = arith.addf %p, %q : tensor<4xf32>
    scf.yield %q, %sum, %p : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
  sym.return updates(@a = %r#0 : tensor<4xf32>, @b = %r#1 : tensor<4xf32>, @c = %r#2 : tensor<4xf32>)
}

// In a branch, whose other side swaps two; the last is computed backwards, plus 1.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 3 fresh; copies: 3; allocations: 0}}
sym.func @inif(%n: tensor<i64>) {
  %x = sym.read @a : tensor<4xf32>
  %y = sym.read @b : tensor<4xf32>
  %z = sym.read @c : tensor<4xf32>
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %f1 = arith.constant 1.0 : f32
  %end = tensor.extract %n[] : tensor<i64>
  %big = arith.cmpi sgt, %end, %c1 : i64
  %r:3 = scf.if %big -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %rr:4 = scf.while (%p = %x, %q = %y, %s = %z, %i = %c0) : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, i64) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, i64) {
    
    %more = arith.cmpi slt, %i, %end : i64
    scf.condition(%more) %p, %q, %s, %i : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, i64
  } do {
  ^bb0(%p: tensor<4xf32>, %q: tensor<4xf32>, %s: tensor<4xf32>, %i: i64):
    %next = arith.addi %i, %c1 : i64
    %e = tensor.empty() : tensor<4xf32>
    %w = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%e : tensor<4xf32>) {
    ^bb0(%out: f32):
      %k = linalg.index 0 : index
      %c3 = arith.constant 3 : index
      %l = arith.subi %c3, %k : index
      %v = tensor.extract %p[%l] : tensor<4xf32>
      %u = arith.addf %v, %f1 : f32
      linalg.yield %u : f32
    } -> tensor<4xf32>
    scf.yield %q, %s, %w, %next : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, i64
  }
  scf.yield %rr#0, %rr#1, %rr#2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  } else {
  scf.yield %y, %x, %z : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
  sym.return updates(@a = %r#0 : tensor<4xf32>, @b = %r#1 : tensor<4xf32>, @c = %r#2 : tensor<4xf32>)
}

func.func @show() {
  %a = sym.get_value @a : tensor<4xf32>
  %b = sym.get_value @b : tensor<4xf32>
  %c = sym.get_value @c : tensor<4xf32>
  sym.print %a : tensor<4xf32>
  sym.print %b : tensor<4xf32>
  sym.print %c : tensor<4xf32>
  return
}
func.func @main() {
  %c0 = arith.constant dense<0> : tensor<i64>
  %c1 = arith.constant dense<1> : tensor<i64>
  %c2 = arith.constant dense<2> : tensor<i64>
  %c7 = arith.constant dense<7> : tensor<i64>
  sym.call @swap(%c0) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK: [1. 2. 3. 4.]
  // CHECK-NEXT: [5. 6. 7. 8.]
  // CHECK-NEXT: [ 9. 10. 11. 12.]
  sym.call @swap(%c1) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [5. 6. 7. 8.]
  // CHECK-NEXT: [1. 2. 3. 4.]
  // CHECK-NEXT: [ 9. 10. 11. 12.]
  sym.call @swap(%c2) : (tensor<i64>) -> ()
  sym.call @swap(%c7) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [1. 2. 3. 4.]
  // CHECK-NEXT: [5. 6. 7. 8.]
  // CHECK-NEXT: [ 9. 10. 11. 12.]
  sym.call @replace(%c0) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [1. 2. 3. 4.]
  // CHECK-NEXT: [5. 6. 7. 8.]
  // CHECK-NEXT: [ 9. 10. 11. 12.]
  sym.call @replace(%c7) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [4. 3. 2. 1.]
  // CHECK-NEXT: [5. 6. 7. 8.]
  // CHECK-NEXT: [ 9. 10. 11. 12.]
  sym.call @replace(%c2) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [4. 3. 2. 1.]
  // CHECK-NEXT: [5. 6. 7. 8.]
  // CHECK-NEXT: [ 9. 10. 11. 12.]
  %l0 = arith.constant dense<0.0> : tensor<f32>
  %l5 = arith.constant dense<5.0> : tensor<f32>
  %l50 = arith.constant dense<50.0> : tensor<f32>
  sym.call @cross(%l0) : (tensor<f32>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [ 9. 10. 11. 12.]
  // CHECK-NEXT: [4. 3. 2. 1.]
  // CHECK-NEXT: [5. 6. 7. 8.]
  sym.call @cross(%l5) : (tensor<f32>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [5. 6. 7. 8.]
  // CHECK-NEXT: [ 9. 10. 11. 12.]
  // CHECK-NEXT: [4. 3. 2. 1.]
  sym.call @cross(%l50) : (tensor<f32>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [37. 42. 47. 52.]
  // CHECK-NEXT: [60. 68. 76. 84.]
  // CHECK-NEXT: [ 97. 110. 123. 136.]
  // n = 1: a and b change places.
  sym.call @inif(%c1) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [60. 68. 76. 84.]
  // CHECK-NEXT: [37. 42. 47. 52.]
  // CHECK-NEXT: [ 97. 110. 123. 136.]
  // n = 2: (a, b, c) to (b, c, a backwards + 1), twice.
  sym.call @inif(%c2) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK-NEXT: [ 97. 110. 123. 136.]
  // CHECK-NEXT: [85. 77. 69. 61.]
  // CHECK-NEXT: [53. 48. 43. 38.]
  return
}
