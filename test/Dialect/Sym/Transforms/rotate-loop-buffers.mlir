// RUN: sym-opt %s --sym-rotate-loop-buffers --split-input-file | FileCheck %s

// C2: one value computed out of place takes turns between two buffers.
sym.entry @one : (tensor<8xf32>, tensor<8xf32>) -> () reads [] updates [] inplace @o [] outofplace @o []
// CHECK-LABEL: func.func private @o(
// CHECK-SAME: %[[S:.*]]: memref<8xf32>,
// CHECK: %[[A:.*]] = memref.alloc() : memref<8xf32>
// CHECK: %[[B:.*]] = memref.alloc() : memref<8xf32>
// CHECK: scf.for {{.*}} iter_args(%[[X:.*]] = %[[S]], %[[OWNED:.*]] = %[[A]], %[[SPARE:.*]] = %[[B]])
// CHECK-NEXT: linalg.transpose ins(%[[X]] : memref<8xf32>) outs(%[[SPARE]] : memref<8xf32>)
// CHECK-NEXT: scf.yield %[[SPARE]], %[[SPARE]], %[[OWNED]]
func.func private @o(%s: memref<8xf32>, %out: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r = scf.for %i = %c0 to %c9 step %c1 iter_args(%x = %s) -> (memref<8xf32>) {
    %y = memref.alloc() : memref<8xf32>
    linalg.transpose ins(%x : memref<8xf32>) outs(%y : memref<8xf32>) permutation = [0]
    scf.yield %y : memref<8xf32>
  }
  memref.copy %r, %out : memref<8xf32> to memref<8xf32>
  return
}

// -----

// A swap copies nothing and needs nothing.
sym.entry @swap : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> () reads [] updates [] inplace @s [] outofplace @s []
// CHECK-LABEL: func.func private @s(
// CHECK-NOT: memref.alloc
// CHECK: scf.for {{.*}} iter_args(%[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}})
// CHECK-NEXT: scf.yield %[[Y]], %[[X]]
func.func private @s(%a: memref<8xf32>, %b: memref<8xf32>, %out: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%x = %a, %y = %b) -> (memref<8xf32>, memref<8xf32>) {
    %p = memref.alloc() : memref<8xf32>
    memref.copy %y, %p : memref<8xf32> to memref<8xf32>
    %q = memref.alloc() : memref<8xf32>
    memref.copy %x, %q : memref<8xf32> to memref<8xf32>
    scf.yield %p, %q : memref<8xf32>, memref<8xf32>
  }
  memref.copy %r#0, %out : memref<8xf32> to memref<8xf32>
  return
}

// -----

// Fibonacci's step: one moves, one is computed; the moved one takes its owned
// buffer along, and the other's is the next spare.
sym.entry @fib : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> () reads [] updates [] inplace @f [] outofplace @f []
// CHECK-LABEL: func.func private @f(
// CHECK-COUNT-3: memref.alloc() : memref<8xf32>
// CHECK-NOT: memref.alloc
// CHECK: iter_args(%[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}}, %[[OX:.*]] = %{{.*}}, %[[OY:.*]] = %{{.*}}, %[[SPARE:.*]] = %{{.*}})
// CHECK-NEXT: linalg.add ins(%[[X]], %[[Y]] : {{.*}}) outs(%[[SPARE]] : memref<8xf32>)
// CHECK-NEXT: scf.yield %[[Y]], %[[SPARE]], %[[OY]], %[[SPARE]], %[[OX]]
func.func private @f(%a: memref<8xf32>, %b: memref<8xf32>, %out: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%x = %a, %y = %b) -> (memref<8xf32>, memref<8xf32>) {
    %s = memref.alloc() : memref<8xf32>
    linalg.add ins(%x, %y : memref<8xf32>, memref<8xf32>) outs(%s : memref<8xf32>)
    %p = memref.alloc() : memref<8xf32>
    memref.copy %y, %p : memref<8xf32> to memref<8xf32>
    scf.yield %p, %s : memref<8xf32>, memref<8xf32>
  }
  memref.copy %r#0, %out : memref<8xf32> to memref<8xf32>
  return
}

// -----

// What the loop writes in place does not take over what came from outside.
sym.entry @written : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> () reads [] updates [] inplace @w [] outofplace @w []
// CHECK-LABEL: func.func private @w(
// CHECK: scf.for
// CHECK: memref.copy %{{.*}}, %{{.*}}
// CHECK: memref.copy %{{.*}}, %{{.*}}
// CHECK: scf.yield
func.func private @w(%a: memref<8xf32>, %b: memref<8xf32>, %out: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %z = arith.constant 0.0 : f32
  %b2 = memref.alloc() : memref<8xf32>
  memref.copy %b, %b2 : memref<8xf32> to memref<8xf32>
  %r:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%x = %a, %y = %b2) -> (memref<8xf32>, memref<8xf32>) {
    %v = memref.subview %y[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
    linalg.fill ins(%z : f32) outs(%v : memref<4xf32, strided<[1]>>)
    %p = memref.alloc() : memref<8xf32>
    memref.copy %y, %p : memref<8xf32> to memref<8xf32>
    %q = memref.alloc() : memref<8xf32>
    memref.copy %x, %q : memref<8xf32> to memref<8xf32>
    scf.yield %p, %q : memref<8xf32>, memref<8xf32>
  }
  memref.copy %r#0, %out : memref<8xf32> to memref<8xf32>
  return
}

// -----

// A dynamic size that no iteration changes is the initial one; one that grows
// stays in the loop.
sym.entry @sizes : (tensor<?xf32>, tensor<?xf32>) -> () reads [] updates [] inplace @d [] outofplace @d []
// CHECK-LABEL: func.func private @d(
// CHECK-SAME: %[[S:[a-z0-9]*]]: memref<?xf32>,
// CHECK: %[[N:.*]] = memref.dim %[[S]]
// CHECK: memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK: memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK: scf.for
// CHECK: memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK-NOT: memref.alloc
// CHECK: scf.yield
func.func private @d(%s: memref<?xf32>, %out: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%x = %s, %y = %s) -> (memref<?xf32>, memref<?xf32>) {
    %n = memref.dim %x, %c0 : memref<?xf32>
    %p = memref.alloc(%n) : memref<?xf32>
    linalg.transpose ins(%x : memref<?xf32>) outs(%p : memref<?xf32>) permutation = [0]
    %m = memref.dim %y, %c0 : memref<?xf32>
    %m1 = arith.addi %m, %c1 : index
    %q = memref.alloc(%m1) : memref<?xf32>
    scf.yield %p, %q : memref<?xf32>, memref<?xf32>
  }
  memref.copy %r#0, %out : memref<?xf32> to memref<?xf32>
  return
}

// -----

// A swap in a `while`: what bufferization copies before the condition is
// forwarded itself.
sym.entry @while : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> () reads [] updates [] inplace @ws [] outofplace @ws []
// CHECK-LABEL: func.func private @ws(
// CHECK: scf.while (%[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}})
// CHECK-NOT: memref.alloc
// CHECK-NOT: memref.copy
// CHECK: scf.condition(%{{.*}}) %[[X]], %[[Y]] :
// CHECK: ^bb0(%[[P:.*]]: memref<8xf32>, %[[Q:.*]]: memref<8xf32>):
// CHECK-NEXT: scf.yield %[[Q]], %[[P]] :
func.func private @ws(%a: memref<8xf32>, %b: memref<8xf32>, %out: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %a1 = memref.alloc() : memref<8xf32>
  memref.copy %a, %a1 : memref<8xf32> to memref<8xf32>
  %b1 = memref.alloc() : memref<8xf32>
  memref.copy %b, %b1 : memref<8xf32> to memref<8xf32>
  %r:2 = scf.while (%x = %a1, %y = %b1) : (memref<8xf32>, memref<8xf32>) -> (memref<8xf32>, memref<8xf32>) {
    %v = memref.load %x[%c0] : memref<8xf32>
    %z = arith.constant 0.0 : f32
    %more = arith.cmpf olt, %v, %z : f32
    %x1 = memref.alloc() : memref<8xf32>
    memref.copy %x, %x1 : memref<8xf32> to memref<8xf32>
    %y1 = memref.alloc() : memref<8xf32>
    memref.copy %y, %y1 : memref<8xf32> to memref<8xf32>
    scf.condition(%more) %x1, %y1 : memref<8xf32>, memref<8xf32>
  } do {
  ^bb0(%p: memref<8xf32>, %q: memref<8xf32>):
    scf.yield %q, %p : memref<8xf32>, memref<8xf32>
  }
  memref.copy %r#0, %out : memref<8xf32> to memref<8xf32>
  return
}

// -----

// What an iteration computes anew goes into a spare, and what it does not yield
// is the next one; the source is read as it is. A buffer that nobody writes may be
// yielded twice.
sym.entry @while_new : (tensor<8xf32>, tensor<8xf32>) -> () reads [] updates [] inplace @wn [] outofplace @wn []
// CHECK-LABEL: func.func private @wn(
// CHECK-SAME: %[[S:[a-z0-9]*]]: memref<8xf32>,
// CHECK-COUNT-2: memref.alloc() : memref<8xf32>
// CHECK-NEXT: scf.while (%[[X:.*]] = %[[S]], %[[O:.*]] = %{{.*}}, %[[N:.*]] = %{{.*}})
// CHECK-NOT: memref.alloc
// CHECK: scf.condition(%{{.*}}) %[[X]], %[[O]], %[[N]] :
// CHECK: ^bb0(%[[P:.*]]: memref<8xf32>, %[[Q:.*]]: memref<8xf32>, %[[R:.*]]: memref<8xf32>):
// CHECK-NEXT: linalg.transpose ins(%[[P]] : memref<8xf32>) outs(%[[R]] : memref<8xf32>)
// CHECK-NEXT: scf.yield %[[R]], %[[R]], %[[Q]] :
// CHECK: scf.while
// CHECK-NOT: memref.copy
// CHECK: scf.condition
func.func private @wn(%a: memref<8xf32>, %out: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %a1 = memref.alloc() : memref<8xf32>
  memref.copy %a, %a1 : memref<8xf32> to memref<8xf32>
  %r = scf.while (%x = %a1) : (memref<8xf32>) -> (memref<8xf32>) {
    %v = memref.load %x[%c0] : memref<8xf32>
    %more = arith.cmpf olt, %v, %z : f32
    %x1 = memref.alloc() : memref<8xf32>
    memref.copy %x, %x1 : memref<8xf32> to memref<8xf32>
    scf.condition(%more) %x1 : memref<8xf32>
  } do {
  ^bb0(%p: memref<8xf32>):
    %n = memref.alloc() : memref<8xf32>
    linalg.transpose ins(%p : memref<8xf32>) outs(%n : memref<8xf32>) permutation = [0]
    scf.yield %n : memref<8xf32>
  }
  memref.copy %r, %out : memref<8xf32> to memref<8xf32>
  %b1 = memref.alloc() : memref<8xf32>
  %b2 = memref.alloc() : memref<8xf32>
  memref.copy %a, %b1 : memref<8xf32> to memref<8xf32>
  memref.copy %a, %b2 : memref<8xf32> to memref<8xf32>
  %s:2 = scf.while (%x = %b1, %y = %b2) : (memref<8xf32>, memref<8xf32>) -> (memref<8xf32>, memref<8xf32>) {
    %v = memref.load %x[%c0] : memref<8xf32>
    %more = arith.cmpf olt, %v, %z : f32
    %x1 = memref.alloc() : memref<8xf32>
    memref.copy %x, %x1 : memref<8xf32> to memref<8xf32>
    %y1 = memref.alloc() : memref<8xf32>
    memref.copy %y, %y1 : memref<8xf32> to memref<8xf32>
    scf.condition(%more) %x1, %y1 : memref<8xf32>, memref<8xf32>
  } do {
  ^bb0(%p: memref<8xf32>, %q: memref<8xf32>):
    scf.yield %q, %q : memref<8xf32>, memref<8xf32>
  }
  memref.copy %s#0, %out : memref<8xf32> to memref<8xf32>
  return
}
