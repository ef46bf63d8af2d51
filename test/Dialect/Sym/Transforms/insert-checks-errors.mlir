// What cannot be checked is a diagnostic.
// RUN: sym-opt --pass-pipeline='builtin.module(func.func(sym-insert-checks))' --verify-diagnostics --split-input-file %s

func.func @pad(%a: tensor<?xi32>, %d: i32) -> tensor<?xi32> {
  %c1 = arith.constant 1 : i32
  // expected-error @below {{'tensor.pad' op has a region that may be undefined for some values and cannot be checked before it}}
  %r = tensor.pad %a low[1] high[2] {
  ^bb0(%i: index):
    %x = arith.divsi %c1, %d : i32
    tensor.yield %x : i32
  } : tensor<?xi32> to tensor<?xi32>
  return %r : tensor<?xi32>
}

// -----

func.func @scatter(%s: tensor<?x1xf32>, %d: tensor<?xf32>, %i: tensor<?x1xindex>) -> tensor<?xf32> {
  // expected-error @below {{'tensor.scatter' op cannot be checked: whether its indices are unique is not known}}
  %r = tensor.scatter %s into %d[%i] scatter_dims([0]) unique : (tensor<?x1xf32>, tensor<?xf32>, tensor<?x1xindex>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

func.func @pack(%a: tensor<?x?xf32>, %o: tensor<?x?x8x8xf32>) -> tensor<?x?x8x8xf32> {
  // expected-error @below {{'linalg.pack' op has no conditions that could be checked}}
  %r = linalg.pack %a inner_dims_pos = [0, 1] inner_tiles = [8, 8] into %o : tensor<?x?xf32> -> tensor<?x?x8x8xf32>
  return %r : tensor<?x?x8x8xf32>
}
