// RUN: sym-opt %s --sym-verify-commit --split-input-file --verify-diagnostics

// T4: a check behind the first write, through a view.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.inplace [#sym.slot<inplace>] outofplace @f.outofplace [#sym.slot<fresh>]
func.func private @f.outofplace(%s: memref<4xf32>) {
  %r = sym.alloc_result 0 () : memref<4xf32>
  memref.copy %s, %r : memref<4xf32> to memref<4xf32>
  return
}
func.func private @f.inplace(%s: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %x = arith.constant 1.0 : f32
  %ok = arith.constant false
  %v = memref.subview %s[0] [2] [1] : memref<4xf32> to memref<2xf32, strided<[1]>>
  // expected-note @below {{variable @s is written here}}
  memref.store %x, %v[%c0] : memref<2xf32, strided<[1]>>
  // expected-error @below {{after stage buffers: a check may fail after @f has written state (T4)}}
  sym.check %ok, "no"
  return
}

// -----

// T4: in a loop, what stands before a write also runs after it.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.inplace [#sym.slot<inplace>] outofplace @f.outofplace [#sym.slot<fresh>]
func.func private @f.outofplace(%s: memref<4xf32>) {
  %r = sym.alloc_result 0 () : memref<4xf32>
  memref.copy %s, %r : memref<4xf32> to memref<4xf32>
  return
}
func.func private @f.inplace(%s: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %x = arith.constant 1.0 : f32
  scf.for %i = %c0 to %c4 step %c1 {
    // expected-error @below {{an allocation may fail after @f has written state (T4)}}
    %t = memref.alloc(%i) : memref<?xf32>
    // expected-note @below {{variable @s is written here}}
    memref.store %x, %s[%i] : memref<4xf32>
  }
  return
}

// -----

// B2: the out-of-place variant writes no source.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.outofplace [#sym.slot<fresh>] outofplace @f.outofplace [#sym.slot<fresh>]
func.func private @f.outofplace(%s: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %x = arith.constant 1.0 : f32
  %r = sym.alloc_result 0 () : memref<4xf32>
  // expected-error @below {{writes the buffer of @s, which @f does not update in place (B2)}}
  memref.store %x, %s[%c0] : memref<4xf32>
  return
}

// -----

// C1: a fresh slot has one buffer.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.outofplace [#sym.slot<fresh>] outofplace @f.outofplace [#sym.slot<fresh>]
// expected-error @below {{slot 0 of @f gets no buffer (C1)}}
func.func private @f.outofplace(%s: memref<4xf32>) {
  return
}

// -----

// C1: on every path.
sym.shared @s : tensor<4xf32>
sym.entry @f : (tensor<i1>) -> () reads [@s] updates [@s] inplace @f.outofplace [#sym.slot<fresh>] outofplace @f.outofplace [#sym.slot<fresh>]
func.func private @f.outofplace(%c: memref<i1>, %s: memref<4xf32>) {
  %b = memref.load %c[] : memref<i1>
  scf.if %b {
    // expected-error @below {{the buffer of slot 0 is not chosen on every path (C1)}}
    %r = sym.alloc_result 0 () : memref<4xf32>
  }
  return
}

// -----

// A variant leaves its values in slots.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.outofplace [] outofplace @f.outofplace []
// expected-error @below {{a variant returns nothing}}
func.func private @f.outofplace(%s: memref<4xf32>) -> memref<4xf32> {
  return %s : memref<4xf32>
}

// -----

// C1: a moved result has to be taken from the source that the entry names.
sym.shared @s : tensor<4xf32>
sym.shared @t : tensor<4xf32>
sym.entry @f : () -> tensor<4xf32> reads [@s, @t] updates [@s, @t]
    inplace @f.o [#sym.slot<moved, 0>, #sym.slot<fresh>, #sym.slot<fresh>]
    outofplace @f.o [#sym.slot<moved, 0>, #sym.slot<fresh>, #sym.slot<fresh>]
func.func private @f.o(%s: memref<4xf32>, %t: memref<4xf32>) {
  // expected-error @below {{slot 0 of @f is not a moved one without a buffer (C1)}}
  sym.move_result 0 from 1
  %0 = sym.alloc_result 1() : memref<4xf32>
  %1 = sym.alloc_result 2() : memref<4xf32>
  return
}

// -----

// C1: nobody takes it.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> tensor<4xf32> reads [@s] updates [@s]
    inplace @f.o [#sym.slot<moved, 0>, #sym.slot<fresh>]
    outofplace @f.o [#sym.slot<moved, 0>, #sym.slot<fresh>]
// expected-error @below {{slot 0 of @f gets no buffer (C1)}}
func.func private @f.o(%s: memref<4xf32>) {
  %0 = sym.alloc_result 1() : memref<4xf32>
  return
}

// -----

// T4: it may have to be copied, which may fail.
sym.shared @s : tensor<4xf32>
sym.shared @t : tensor<4xf32>
sym.entry @f : () -> tensor<4xf32> reads [@s, @t] updates [@s, @t]
    inplace @f.i [#sym.slot<moved, 0>, #sym.slot<fresh>, #sym.slot<inplace>]
    outofplace @f.o [#sym.slot<moved, 0>, #sym.slot<fresh>, #sym.slot<fresh>]
func.func private @f.o(%s: memref<4xf32>, %t: memref<4xf32>) {
  sym.move_result 0 from 0
  %0 = sym.alloc_result 1() : memref<4xf32>
  %1 = sym.alloc_result 2() : memref<4xf32>
  return
}
func.func private @f.i(%s: memref<4xf32>, %t: memref<4xf32>) {
  %z = arith.constant 0.0 : f32
  %0 = sym.alloc_result 1() : memref<4xf32>
  // expected-note @below {{variable @t is written here}}
  linalg.fill ins(%z : f32) outs(%t : memref<4xf32>)
  // expected-error @below {{an allocation may fail after @f has written state (T4)}}
  sym.move_result 0 from 0
  return
}
