// RUN: sym-opt %s --sym-assign-slots --split-input-file | FileCheck %s

// C1: an allocation becomes the slot's buffer; what is written in place stays.
sym.shared @s : tensor<?xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.i [#sym.slot<fresh>, #sym.slot<inplace>] outofplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>]
sym.entry @f : () -> tensor<?xf32> reads [@s] updates [@s] inplace @f.i [] outofplace @f.o []
// CHECK: func.func private @f.i(%[[S:.*]]: memref<?xf32>) {
// CHECK: %[[R:.*]] = sym.alloc_result 0(%{{.*}}) : memref<?xf32>
// CHECK-NEXT: memref.copy %[[S]], %[[R]]
// CHECK-NEXT: linalg.fill {{.*}} outs(%[[S]]
// CHECK-NEXT: return
func.func private @f.i(%s: memref<?xf32>) -> (memref<?xf32>, memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = memref.dim %s, %c0 : memref<?xf32>
  %r = memref.alloc(%n) : memref<?xf32>
  memref.copy %s, %r : memref<?xf32> to memref<?xf32>
  linalg.fill ins(%z : f32) outs(%s : memref<?xf32>)
  return %r, %s : memref<?xf32>, memref<?xf32>
}
// S1: one allocation returned twice is copied for the second slot.
// CHECK: func.func private @f.o(%[[S:.*]]: memref<?xf32>) {
// CHECK: %[[R:.*]] = sym.alloc_result 0(%{{.*}}) : memref<?xf32>
// CHECK: linalg.fill {{.*}} outs(%[[R]]
// CHECK: %[[T:.*]] = sym.alloc_result 1(%{{.*}}) : memref<?xf32>
// CHECK: memref.copy %[[R]], %[[T]]
func.func private @f.o(%s: memref<?xf32>) -> (memref<?xf32>, memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = memref.dim %s, %c0 : memref<?xf32>
  %r = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%z : f32) outs(%r : memref<?xf32>)
  return %r, %r : memref<?xf32>, memref<?xf32>
}

// -----

// An argument, a constant and a view are copied.
memref.global "private" constant @k : memref<4xf32> = dense<1.0>
// CHECK: sym.entry @f {{.*}} outofplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>, #sym.slot<fresh>]
sym.entry @f : (tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<4xf32>, tensor<4xf32>) reads [] updates [] inplace @f.o [] outofplace @f.o []
// CHECK: func.func private @f.o(%[[X:.*]]: memref<2x2xf32>) {
// CHECK: sym.alloc_result 0() : memref<2x2xf32>
// CHECK-NEXT: memref.copy %[[X]],
// CHECK-NEXT: sym.alloc_result 1() : memref<4xf32>
// CHECK-NEXT: memref.copy
// CHECK-NEXT: sym.alloc_result 2() : memref<4xf32>
// CHECK-NEXT: memref.copy
// CHECK-NEXT: return
func.func private @f.o(%x: memref<2x2xf32>) -> (memref<2x2xf32>, memref<4xf32>, memref<4xf32>) {
  %k = memref.get_global @k : memref<4xf32>
  %v = memref.collapse_shape %x [[0, 1]] : memref<2x2xf32> into memref<4xf32>
  return %x, %k, %v : memref<2x2xf32>, memref<4xf32>, memref<4xf32>
}

// -----

// C1, T2: branches that permute select; each path takes each source once.
sym.shared @a : tensor<4xf32>
sym.shared @b : tensor<4xf32>
// CHECK: sym.entry @swap {{.*}} outofplace @swap.o [#sym.slot<selected>, #sym.slot<selected>]
sym.entry @swap : (tensor<i1>) -> () reads [@a, @b] updates [@a, @b] inplace @swap.o [] outofplace @swap.o []
// CHECK: %[[R:.*]]:2 = scf.if
// CHECK: sym.select_result 0 = %[[R]]#0 : memref<4xf32>
// CHECK: sym.select_result 1 = %[[R]]#1 : memref<4xf32>
// CHECK-NEXT: return
func.func private @swap.o(%c: memref<i1>, %a: memref<4xf32>, %b: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %i = memref.load %c[] : memref<i1>
  %r:2 = scf.if %i -> (memref<4xf32>, memref<4xf32>) {
    scf.yield %b, %a : memref<4xf32>, memref<4xf32>
  } else {
    scf.yield %a, %b : memref<4xf32>, memref<4xf32>
  }
  return %r#0, %r#1 : memref<4xf32>, memref<4xf32>
}

// The same condition in two selects decides both.
// CHECK: sym.entry @selects {{.*}} outofplace @selects.o [#sym.slot<selected>, #sym.slot<selected>]
sym.entry @selects : (tensor<i1>) -> () reads [@a, @b] updates [@a, @b] inplace @selects.o [] outofplace @selects.o []
func.func private @selects.o(%c: memref<i1>, %a: memref<4xf32>, %b: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %i = memref.load %c[] : memref<i1>
  %p = arith.select %i, %a, %b : memref<4xf32>
  %q = arith.select %i, %b, %a : memref<4xf32>
  return %p, %q : memref<4xf32>, memref<4xf32>
}

// One path gives both the same: the second is a copy.
// CHECK: sym.entry @dup {{.*}} outofplace @dup.o [#sym.slot<selected>, #sym.slot<fresh>]
sym.entry @dup : (tensor<i1>) -> () reads [@a, @b] updates [@a, @b] inplace @dup.o [] outofplace @dup.o []
func.func private @dup.o(%c: memref<i1>, %a: memref<4xf32>, %b: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %i = memref.load %c[] : memref<i1>
  %p = arith.select %i, %a, %b : memref<4xf32>
  %q = arith.select %i, %a, %a : memref<4xf32>
  return %p, %q : memref<4xf32>, memref<4xf32>
}

// Two conditions can meet in one source.
// CHECK: sym.entry @two {{.*}} outofplace @two.o [#sym.slot<selected>, #sym.slot<fresh>]
sym.entry @two : (tensor<i1>, tensor<i1>) -> () reads [@a, @b] updates [@a, @b] inplace @two.o [] outofplace @two.o []
func.func private @two.o(%c: memref<i1>, %d: memref<i1>, %a: memref<4xf32>, %b: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %i = memref.load %c[] : memref<i1>
  %j = memref.load %d[] : memref<i1>
  %p = arith.select %i, %a, %b : memref<4xf32>
  %q = arith.select %j, %a, %b : memref<4xf32>
  return %p, %q : memref<4xf32>, memref<4xf32>
}

// -----

// B2: a source that does not become the new value is not written: what used it
// as scratch gets a copy.
sym.shared @s : tensor<4xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.i [#sym.slot<fresh>]
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.i [] outofplace @f.i []
// CHECK: func.func private @f.i(%[[S:.*]]: memref<4xf32>) {
// CHECK: %[[T:.*]] = memref.alloc() : memref<4xf32>
// CHECK-NEXT: memref.copy %[[S]], %[[T]]
// CHECK: linalg.fill {{.*}} outs(%[[T]]
// CHECK: memref.copy %[[T]], %{{.*}}
func.func private @f.i(%s: memref<4xf32>) -> memref<4xf32> {
  %z = arith.constant 0.0 : f32
  linalg.fill ins(%z : f32) outs(%s : memref<4xf32>)
  %r = memref.alloc() : memref<4xf32>
  memref.copy %s, %r : memref<4xf32> to memref<4xf32>
  return %r : memref<4xf32>
}

// -----

// C1, T3: the old value of a variable that gets a new buffer becomes the result;
// a second result of it is copied. With nothing in place one variant is enough.
sym.shared @s : tensor<?xf32>
// CHECK: sym.entry @f
// CHECK-SAME: inplace @f.o [#sym.slot<moved, 0>, #sym.slot<fresh>, #sym.slot<fresh>]
// CHECK-SAME: outofplace @f.o [#sym.slot<moved, 0>, #sym.slot<fresh>, #sym.slot<fresh>]
sym.entry @f : () -> (tensor<?xf32>, tensor<?xf32>) reads [@s] updates [@s]
    inplace @f.i [] outofplace @f.o []
// CHECK-NOT: @f.i(
// CHECK: func.func private @f.o(%[[S:.*]]: memref<?xf32>) {
// CHECK-DAG: sym.move_result 0 from 0
// CHECK-DAG: %[[N:.*]] = sym.alloc_result 2(%{{.*}}) : memref<?xf32>
// CHECK: linalg.fill {{.*}} outs(%[[N]]
// CHECK: %[[T:.*]] = sym.alloc_result 1(%{{.*}}) : memref<?xf32>
// CHECK: memref.copy %[[S]], %[[T]]
func.func private @f.i(%s: memref<?xf32>) -> (memref<?xf32>, memref<?xf32>, memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = memref.dim %s, %c0 : memref<?xf32>
  %r = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%z : f32) outs(%r : memref<?xf32>)
  return %s, %s, %r : memref<?xf32>, memref<?xf32>, memref<?xf32>
}
func.func private @f.o(%s: memref<?xf32>) -> (memref<?xf32>, memref<?xf32>, memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %n = memref.dim %s, %c0 : memref<?xf32>
  %r = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%z : f32) outs(%r : memref<?xf32>)
  return %s, %s, %r : memref<?xf32>, memref<?xf32>, memref<?xf32>
}

// -----

// T7: others may write the old buffer of a relaxed variable; B2: one that moves
// to another variable is no result's.
sym.shared @r policy(relaxed) : tensor<4xf32>
sym.shared @a : tensor<4xf32>
sym.shared @b : tensor<4xf32>
// CHECK: sym.entry @f
// CHECK-SAME: outofplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>, #sym.slot<fresh>, #sym.slot<moved, 2>, #sym.slot<moved, 1>]
sym.entry @f : () -> (tensor<4xf32>, tensor<4xf32>) reads [@r, @a, @b] updates [@r, @a, @b]
    inplace @f.o [] outofplace @f.o []
// CHECK-NOT: sym.move_result
func.func private @f.o(%r: memref<4xf32>, %a: memref<4xf32>, %b: memref<4xf32>)
    -> (memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>) {
  %z = arith.constant 0.0 : f32
  %n = memref.alloc() : memref<4xf32>
  linalg.fill ins(%z : f32) outs(%n : memref<4xf32>)
  return %r, %a, %n, %b, %a : memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>, memref<4xf32>
}
