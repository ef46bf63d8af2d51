// Loops of checks first ask, without an exit, whether any check fails.

// RUN: sym-opt %s --sym-summarize-checks | FileCheck %s

// CHECK-LABEL: func.func @divisors
// CHECK: %[[FAILED:.*]] = scf.for %{{.*}} = %c0 to %arg1 step %c1 iter_args(%[[F:.*]] = %{{.*}}) -> (i32)
// CHECK: %[[X:.*]] = memref.load
// CHECK: %[[C:.*]] = arith.cmpi ne, %[[X]], %{{.*}} : i32
// CHECK: %[[FAILS:.*]] = arith.xori %[[C]]
// CHECK: %[[BIT:.*]] = arith.extui %[[FAILS]] : i1 to i32
// CHECK: arith.ori %[[F]], %[[BIT]] : i32
// CHECK: %[[ANY:.*]] = arith.cmpi ne, %[[FAILED]]
// CHECK: scf.if %[[ANY]]
// CHECK: scf.for
// CHECK: sym.check
func.func @divisors(%a: memref<?xi32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %a[%i] : memref<?xi32>
    %c = arith.cmpi ne, %x, %zero : i32
    sym.check %c, "{0} is zero" (%x : i32)
  }
  return
}

// The first check may be what makes the reading right.
// CHECK-LABEL: func.func @position
// CHECK-NOT: iter_args
// CHECK: return
func.func @position(%a: memref<?xi32>, %n: index, %size: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  scf.for %i = %c0 to %n step %c1 {
    %in = arith.cmpi slt, %i, %size : index
    sym.check %in, "{0} is outside" (%i : index)
    %x = memref.load %a[%i] : memref<?xi32>
    %c = arith.cmpi ne, %x, %zero : i32
    sym.check %c, "{0} is zero" (%x : i32)
  }
  return
}

// A position that was read.
// CHECK-LABEL: func.func @gathered
// CHECK-NOT: iter_args
// CHECK: return
func.func @gathered(%a: memref<?xi32>, %p: memref<?xindex>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  scf.for %i = %c0 to %n step %c1 {
    %j = memref.load %p[%i] : memref<?xindex>
    %x = memref.load %a[%j] : memref<?xi32>
    %c = arith.cmpi ne, %x, %zero : i32
    sym.check %c, "{0} is zero" (%x : i32)
  }
  return
}

// What traps, writes or carries.
// CHECK-LABEL: func.func @others
// CHECK-COUNT-3: scf.for
// CHECK-NOT: scf.for
// CHECK: return
func.func @others(%a: memref<?xi32>, %n: index) -> i32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0 : i32
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %a[%i] : memref<?xi32>
    %c = arith.cmpi ne, %x, %zero : i32
    sym.check %c, "{0} is zero" (%x : i32)
    %q = arith.divsi %n, %n : index
    %d = arith.cmpi ne, %q, %c0 : index
    sym.check %d, "{0} is zero" (%q : index)
  }
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %a[%i] : memref<?xi32>
    %c = arith.cmpi ne, %x, %zero : i32
    sym.check %c, "{0} is zero" (%x : i32)
    memref.store %zero, %a[%i] : memref<?xi32>
  }
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%k = %zero) -> (i32) {
    %x = memref.load %a[%i] : memref<?xi32>
    %c = arith.cmpi ne, %x, %k : i32
    sym.check %c, "{0} is zero" (%x : i32)
    scf.yield %x : i32
  }
  return %s : i32
}
