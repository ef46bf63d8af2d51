// Operations that are undefined for some values get a check before them (T4).
// RUN: sym-opt --pass-pipeline='builtin.module(func.func(sym-insert-checks),canonicalize,cse)' --split-input-file %s | FileCheck %s

// Elementwise operations need equal sizes. Once checked, they stay equal.

// CHECK-LABEL: func.func @elementwise(
// CHECK-SAME: %[[A:.*]]: tensor<?xf32>, %[[B:.*]]: tensor<?xf32>)
// CHECK: %[[M:.*]] = tensor.dim %[[A]]
// CHECK: %[[N:.*]] = tensor.dim %[[B]]
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[M]], %[[N]] : index
// CHECK: sym.check %[[SAME]], kind(shape) "arith.addf: dimension 0 of operand 1 has size {1}, but operand 0 has {0}"(%[[M]], %[[N]] : index, index)
// CHECK-NEXT: arith.addf
// CHECK-NOT: sym.check
func.func @elementwise(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %r = arith.addf %a, %b : tensor<?xf32>
  %s = arith.mulf %r, %b : tensor<?xf32>
  %t = math.exp %s : tensor<?xf32>
  %u = arith.subf %t, %a : tensor<?xf32>
  return %u : tensor<?xf32>
}

// A program of fixed shapes gets no checks.
// CHECK-LABEL: func.func @static
// CHECK-NOT: sym.check
func.func @static(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %x: tensor<4xi32>) -> (tensor<2x2xf32>, tensor<4xi32>) {
  %c7 = arith.constant dense<[1, 2, 3, 7]> : tensor<4xi32>
  %r = linalg.matmul ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>) outs(%b : tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = arith.addf %r, %b : tensor<4x4xf32>
  %t = tensor.extract_slice %s[1, 2] [2, 2] [1, 1] : tensor<4x4xf32> to tensor<2x2xf32>
  %d = arith.divsi %x, %c7 : tensor<4xi32>
  %h = arith.shrui %d, %c7 : tensor<4xi32>
  return %t, %h : tensor<2x2xf32>, tensor<4xi32>
}

// The facts of one branch do not hold in the other, nor behind.
// CHECK-LABEL: func.func @scopes
// CHECK: scf.if
// CHECK: sym.check
// CHECK: else
// CHECK: sym.check
// CHECK: }
// CHECK: sym.check
func.func @scopes(%c: i1, %a: tensor<?xf32>, %b: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %r = scf.if %c -> tensor<?xf32> {
    %s = arith.addf %a, %b : tensor<?xf32>
    scf.yield %s : tensor<?xf32>
  } else {
    %s = arith.subf %a, %b : tensor<?xf32>
    scf.yield %s : tensor<?xf32>
  }
  %t = arith.mulf %a, %b : tensor<?xf32>
  return %r, %t : tensor<?xf32>, tensor<?xf32>
}

// What a loop carries keeps its size if every iteration does.
// CHECK-LABEL: func.func @carried
// CHECK: sym.check
// CHECK: scf.for
// CHECK-NOT: sym.check
func.func @carried(%n: index, %a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = arith.addf %a, %b : tensor<?xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%w = %s) -> tensor<?xf32> {
    %x = arith.addf %w, %b : tensor<?xf32>
    %y = math.tanh %x : tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// And does not if one changes it: the size is then that of the argument.
// CHECK-LABEL: func.func @changing
// CHECK: scf.for {{.*}} iter_args(%[[W:.*]] =
// CHECK: tensor.dim %[[W]]
// CHECK: sym.check
func.func @changing(%n: index, %a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%w = %a) -> tensor<?xf32> {
    %x = arith.addf %w, %b : tensor<?xf32>
    %y = tensor.concat dim(0) %x, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    scf.yield %y : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @cast
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.cast: dimension 0 has size {1}, but the cast needs {0}"
func.func @cast(%a: tensor<?xf32>) -> tensor<4xf32> {
  %r = tensor.cast %a : tensor<?xf32> to tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: func.func @extract(
// CHECK-SAME: %[[A:.*]]: tensor<?x4xf32>, %[[I:.*]]: index, %[[J:.*]]: index)
// CHECK: %[[N:.*]] = tensor.dim %[[A]]
// CHECK: %[[C:.*]] = arith.cmpi ult, %[[I]], %[[N]] : index
// CHECK: sym.check %[[C]], kind(index) "tensor.extract: index {0} of dimension 0 is out of range for size {1}"(%[[I]], %[[N]] : index, index)
// CHECK: %[[D:.*]] = arith.cmpi ult, %[[J]], %c4 : index
// CHECK: sym.check %[[D]], kind(index) "tensor.extract: index {0} of dimension 1 is out of range for size {1}"
// CHECK: tensor.extract
func.func @extract(%a: tensor<?x4xf32>, %i: index, %j: index) -> f32 {
  %r = tensor.extract %a[%i, %j] : tensor<?x4xf32>
  return %r : f32
}

// CHECK-LABEL: func.func @insert
// CHECK: sym.check %{{.*}}, kind(index) "tensor.insert: index {0} of dimension 0 is out of range for size {1}"
// CHECK: tensor.insert
func.func @insert(%a: tensor<?xf32>, %i: index, %x: f32) -> tensor<?xf32> {
  %r = tensor.insert %x into %a[%i] : tensor<?xf32>
  return %r : tensor<?xf32>
}

// The index of a loop over the tensor is in range.
// CHECK-LABEL: func.func @loop_index
// CHECK-NOT: sym.check
func.func @loop_index(%a: tensor<?xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %n = tensor.dim %a, %c0 : tensor<?xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%s = %z) -> f32 {
    %x = tensor.extract %a[%i] : tensor<?xf32>
    %t = arith.addf %s, %x : f32
    scf.yield %t : f32
  }
  return %r : f32
}

// CHECK-LABEL: func.func @slice(
// CHECK-SAME: %[[A:.*]]: tensor<?xf32>, %[[O:.*]]: index, %[[N:.*]]: index)
// CHECK: %[[W:.*]] = tensor.dim %[[A]]
// CHECK: %[[STARTS:.*]] = arith.cmpi ule, %[[O]], %[[W]]
// CHECK: %[[LEFT:.*]] = arith.subi %[[W]], %[[O]]
// CHECK: %[[FITS:.*]] = arith.cmpi ule, %[[N]], %[[LEFT]]
// CHECK: %[[BOTH:.*]] = arith.andi %[[STARTS]], %[[FITS]]
// CHECK: sym.check %[[BOTH]], kind(index) "tensor.extract_slice: a slice of size {0} at offset {1} is outside of dimension 0 of size {2}"(%[[N]], %[[O]], %[[W]] : index, index, index)
func.func @slice(%a: tensor<?xf32>, %o: index, %n: index) -> tensor<?xf32> {
  %r = tensor.extract_slice %a[%o] [%n] [1] : tensor<?xf32> to tensor<?xf32>
  return %r : tensor<?xf32>
}

// CHECK-LABEL: func.func @strided
// CHECK: kind(index) "tensor.extract_slice: a slice of size {0} at offset {1} with stride {2} is outside of dimension 0 of size {3}"
// CHECK: tensor.extract_slice
// CHECK: kind(index) "tensor.extract_slice: a slice of size {0} at offset {1} with stride {2} is outside of dimension 0 of size {3}"
// CHECK: tensor.extract_slice
// CHECK: kind(index) "tensor.extract_slice: stride {0} of dimension 0 is not positive"
// CHECK: kind(index) "tensor.extract_slice: a slice of size {0} at offset {1} with stride {2} is outside of dimension 0 of size {3}"
func.func @strided(%a: tensor<?xf32>, %o: index, %n: index, %s: index) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %r = tensor.extract_slice %a[%o] [%n] [2] : tensor<?xf32> to tensor<?xf32>
  %q = tensor.extract_slice %a[%o] [%n] [-1] : tensor<?xf32> to tensor<?xf32>
  %p = tensor.extract_slice %a[%o] [%n] [%s] : tensor<?xf32> to tensor<?xf32>
  return %r, %q, %p : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// CHECK-LABEL: func.func @insert_slice
// CHECK: sym.check %{{.*}}, kind(index) "tensor.insert_slice: offset {0} of dimension 0 is out of range for size {1}"
// CHECK: sym.check %{{.*}}, kind(index) "tensor.insert_slice: a slice of size {0} at offset {1} is outside of dimension 1 of size {2}"
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.insert_slice: dimension 0 of the source has size {1}, but the slice has {0}"
func.func @insert_slice(%a: tensor<?xf32>, %b: tensor<4x?xf32>, %i: index, %n: index) -> tensor<4x?xf32> {
  %r = tensor.insert_slice %a into %b[%i, 0] [1, %n] [1, 1] : tensor<?xf32> into tensor<4x?xf32>
  return %r : tensor<4x?xf32>
}

// CHECK-LABEL: func.func @expand
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.expand_shape: dimension 0 of size {0} cannot be expanded to the sizes {1}, {2}"
// CHECK: tensor.expand_shape
func.func @expand(%a: tensor<?xf32>, %n: index) -> tensor<?x4xf32> {
  %r = tensor.expand_shape %a [[0, 1]] output_shape [%n, 4] : tensor<?xf32> into tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @expand_by_one
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.expand_shape: dimension 0 has size {0}, but is expanded to {1}"
func.func @expand_by_one(%a: tensor<?xf32>, %n: index) -> tensor<?x1xf32> {
  %r = tensor.expand_shape %a [[0, 1]] output_shape [%n, 1] : tensor<?xf32> into tensor<?x1xf32>
  return %r : tensor<?x1xf32>
}

// Collapsing cannot fail.
// CHECK-LABEL: func.func @collapse
// CHECK-NOT: sym.check
func.func @collapse(%a: tensor<?x?xf32>) -> tensor<?xf32> {
  %r = tensor.collapse_shape %a [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
  return %r : tensor<?xf32>
}

// CHECK-LABEL: func.func @reshape
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.reshape: dimension 1 is {0}, but the result has {1}"
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.reshape: {0} elements cannot be given the sizes {1}, {2}"
func.func @reshape(%a: tensor<?x?xf32>, %s: tensor<2xi64>) -> tensor<?x3xf32> {
  %r = tensor.reshape %a(%s) : (tensor<?x?xf32>, tensor<2xi64>) -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}

// CHECK-LABEL: func.func @concat
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.concat: dimension 0 of operand 1 has size {1}, but operand 0 has {0}"
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.concat: dimension 1 of the inputs adds up to {0}, but the result has size {1}"
func.func @concat(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x8xf32> {
  %r = tensor.concat dim(1) %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// CHECK-LABEL: func.func @pad
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.pad: the padding before dimension 0 is {0}, but must not be negative"
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.pad: the padding of dimension 0 is too large"
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.pad: the sizes {0} are too large"
func.func @pad(%a: tensor<?xf32>, %l: index) -> tensor<?xf32> {
  %z = arith.constant 0.0 : f32
  %r = tensor.pad %a low[%l] high[2] {
  ^bb0(%i: index):
    tensor.yield %z : f32
  } : tensor<?xf32> to tensor<?xf32>
  return %r : tensor<?xf32>
}

// CHECK-LABEL: func.func @gather
// CHECK: scf.for
// CHECK: sym.check %{{.*}}, kind(index) "tensor.gather: index {0} of dimension 0 is out of range for size {1} at index {2}"
// CHECK: }
// CHECK: tensor.gather
func.func @gather(%a: tensor<?x4xf32>, %i: tensor<?x1xi32>) -> tensor<?x4xf32> {
  %r = tensor.gather %a[%i] gather_dims([0]) : (tensor<?x4xf32>, tensor<?x1xi32>) -> tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @dim
// CHECK: sym.check %{{.*}}, kind(index) "tensor.dim: dimension {0} is out of range for rank {1}"
func.func @dim(%a: tensor<?x4xf32>, %i: index) -> index {
  %r = tensor.dim %a, %i : tensor<?x4xf32>
  return %r : index
}

// CHECK-LABEL: func.func @empty
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.empty: the size of dimension 0 is {0}, but must not be negative"
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.empty: the sizes {0} are too large"
// CHECK: sym.check %{{.*}}, kind(shape) "tensor.splat: the size of dimension 0 is {0}, but must not be negative"
func.func @empty(%n: index, %m: index, %v: f32) -> (tensor<?xf32>, tensor<?xf32>) {
  %e = tensor.empty(%n) : tensor<?xf32>
  %s = tensor.splat %v[%m] : tensor<?xf32>
  return %e, %s : tensor<?xf32>, tensor<?xf32>
}

// -----

// Integer division: by zero, and the least number by -1.
// CHECK-LABEL: func.func @division(
// CHECK-SAME: %[[A:.*]]: i32, %[[B:.*]]: i32)
// CHECK: %[[NZ:.*]] = arith.cmpi ne, %[[B]], %c0_i32
// CHECK: sym.check %[[NZ]], kind(division) "arith.divsi: {0} is divided by zero"(%[[A]] : i32)
// CHECK: %[[L:.*]] = arith.cmpi ne, %[[A]], %c-2147483648_i32
// CHECK: %[[M:.*]] = arith.cmpi ne, %[[B]], %c-1_i32
// CHECK: %[[O:.*]] = arith.ori %[[L]], %[[M]]
// CHECK: sym.check %[[O]], kind(division) "arith.divsi: {0} divided by -1 overflows"(%[[A]] : i32)
// CHECK: arith.divsi
// CHECK: kind(division) "arith.remui: {0} is divided by zero"
// CHECK: kind(division) "arith.ceildivui: {0} is divided by zero"
// CHECK: kind(division) "arith.floordivsi: {0} is divided by zero"
func.func @division(%a: i32, %b: i32) -> (i32, i32, i32, i32) {
  %q = arith.divsi %a, %b : i32
  %r = arith.remui %a, %b : i32
  %s = arith.ceildivui %a, %b : i32
  %t = arith.floordivsi %a, %b : i32
  return %q, %r, %s, %t : i32, i32, i32, i32
}

// CHECK-LABEL: func.func @shift
// CHECK: sym.check %{{.*}}, "arith.shli: a shift by {0} is beyond the width of 8 bits"
func.func @shift(%a: i8, %b: i8) -> i8 {
  %r = arith.shli %a, %b : i8
  return %r : i8
}

// The bounds are exact: the floats next to them are in and out of range.
// CHECK-LABEL: func.func @float_to_int
// CHECK-DAG: arith.constant -2.14748365E+9 : f32
// CHECK-DAG: arith.constant 2.14748365E+9 : f32
// CHECK: arith.cmpf oge
// CHECK: arith.cmpf olt
// CHECK: sym.check %{{.*}}, "arith.fptosi: {0} is outside of the range of signed i32"
// CHECK: arith.cmpf ogt
// CHECK: arith.cmpf olt
// CHECK: sym.check %{{.*}}, "arith.fptoui: {0} is outside of the range of unsigned i8"
// CHECK: arith.cmpf oge
// CHECK: arith.cmpf ole
// CHECK: sym.check %{{.*}}, "arith.fptosi: {0} is outside of the range of signed i64"
func.func @float_to_int(%a: f32, %b: f64, %c: f16) -> (i32, i8, i64) {
  %r = arith.fptosi %a : f32 to i32
  %s = arith.fptoui %b : f64 to i8
  %t = arith.fptosi %c : f16 to i64
  return %r, %s, %t : i32, i8, i64
}

// CHECK-LABEL: func.func @power
// CHECK: sym.check %{{.*}}, kind(division) "math.ipowi: zero is raised to the negative power {0}"
func.func @power(%a: i32, %b: i32) -> i32 {
  %r = math.ipowi %a, %b : i32
  return %r : i32
}

// CHECK-LABEL: func.func @step
// CHECK: sym.check %{{.*}}, "scf.for: step {0} is not positive"
// CHECK: scf.for
func.func @step(%n: index, %s: index, %x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %r = scf.for %i = %c0 to %n step %s iter_args(%y = %x) -> f32 {
    %z = arith.addf %y, %x : f32
    scf.yield %z : f32
  }
  return %r : f32
}

// Too wide to be shown.
// CHECK-LABEL: func.func @wide
// CHECK: sym.check %{{.*}}, kind(division) "arith.divui: a value is divided by zero"
// CHECK-NOT: (
func.func @wide(%a: i128, %b: i128) -> i128 {
  %r = arith.divui %a, %b : i128
  return %r : i128
}
