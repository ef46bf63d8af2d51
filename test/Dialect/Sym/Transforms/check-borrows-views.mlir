// Programs that borrow soundly (B5): what is a value of its own, and what no
// update of this program reaches. All are accepted without a remark, and run.
// RUN: sym-opt --sym-check-borrows --verify-diagnostics %s
// RUN: sym-runner %s --entry=main | FileCheck %s

sym.shared @s : tensor<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
sym.shared @t policy(double_buffer) : tensor<4xf32> = dense<5.0>
sym.shared @n : tensor<f32> = dense<7.0>
sym.func @step() {
  %s = sym.read @s : tensor<4xf32>
  %n = arith.addf %s, %s : tensor<4xf32>
  sym.return updates(@s = %n : tensor<4xf32>)
}
sym.func @step_t() {
  %t = sym.read @t : tensor<4xf32>
  %n = arith.addf %t, %t : tensor<4xf32>
  sym.return updates(@t = %n : tensor<4xf32>)
}

// A number that was read is a value.
func.func private @element() {
  %c1 = arith.constant 1 : index
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %x = tensor.extract %v[%c1] : tensor<4xf32>
  sym.call @step() : () -> ()
  %y = tensor.from_elements %x : tensor<f32>
  // CHECK: element 2.0
  sym.print "element " %y : tensor<f32>
  return
}

// So is a size.
func.func private @size() {
  %c0 = arith.constant 0 : index
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %w = tensor.cast %v : tensor<4xf32> to tensor<?xf32>
  %d = tensor.dim %w, %c0 : tensor<?xf32>
  sym.call @step() : () -> ()
  %i = arith.index_cast %d : index to i64
  %y = tensor.from_elements %i : tensor<i64>
  // CHECK: size 4
  sym.print "size " %y : tensor<i64>
  return
}

// A copy that sym.get_value made outlives every update.
func.func private @copy() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // CHECK: before [ 4. 8. 12. 16.]
  sym.print "before " %v : tensor<4xf32>
  %x = sym.get_value @s : tensor<4xf32>
  sym.call @step() : () -> ()
  // CHECK: copy [ 4. 8. 12. 16.]
  sym.print "copy " %x : tensor<4xf32>
  return
}

// Borrowed again behind the update.
func.func private @again() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  // CHECK: once [ 8. 16. 24. 32.]
  sym.print "once " %v : tensor<4xf32>
  sym.call @step() : () -> ()
  %c = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %w = sym.view %c : !sym.borrow<tensor<4xf32>, scoped>
  // CHECK: twice [16. 32. 48. 64.]
  sym.print "twice " %w : tensor<4xf32>
  return
}

// A variable of rank 0, and two borrows of it at once.
func.func private @scalar() {
  %b = sym.borrow @n : !sym.borrow<tensor<f32>, scoped>
  %c = sym.borrow @n : !sym.borrow<tensor<f32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<f32>, scoped>
  %w = sym.view %c : !sym.borrow<tensor<f32>, scoped>
  sym.release %b : !sym.borrow<tensor<f32>, scoped>
  // CHECK: scalar 7.0
  sym.print "scalar " %w : tensor<f32>
  sym.release %c : !sym.borrow<tensor<f32>, scoped>
  return
}

// Updates of another variable, in loops, while the view is looked at.
func.func private @other() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  scf.for %i = %c0 to %c2 step %c1 {
    sym.call @step_t() : () -> ()
    // CHECK-COUNT-2: other [16. 32. 48. 64.]
    sym.print "other " %v : tensor<4xf32>
  }
  return
}

// A write borrow of another variable that commits what a view shows.
func.func private @commit() {
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
  %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
  %x = sym.borrow @t : !sym.borrow<tensor<4xf32>, exclusive>
  %w = tensor.expand_shape %v [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  %u = tensor.collapse_shape %w [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  sym.release %x = %u : !sym.borrow<tensor<4xf32>, exclusive>, tensor<4xf32>
  sym.call @step_t() : () -> ()
  // CHECK: view [16. 32. 48. 64.]
  sym.print "view " %v : tensor<4xf32>
  %t = sym.get_value @t : tensor<4xf32>
  // CHECK: committed [ 32. 64. 96. 128.]
  sym.print "committed " %t : tensor<4xf32>
  return
}

// In a region of its own.
func.func private @region() {
  %x = scf.execute_region -> f32 {
    %c3 = arith.constant 3 : index
    %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, scoped>
    %v = sym.view %b : !sym.borrow<tensor<4xf32>, scoped>
    %e = tensor.extract %v[%c3] : tensor<4xf32>
    sym.call @step() : () -> ()
    scf.yield %e : f32
  }
  %y = tensor.from_elements %x : tensor<f32>
  // CHECK: region 64.0
  sym.print "region " %y : tensor<f32>
  return
}

func.func @main() {
  call @element() : () -> ()
  call @size() : () -> ()
  call @copy() : () -> ()
  call @again() : () -> ()
  call @scalar() : () -> ()
  call @other() : () -> ()
  call @commit() : () -> ()
  call @region() : () -> ()
  return
}
