// The folder of memref.dim reads the sizes at an index below 0.
func.func @f(%m: memref<?xf32>) -> index {
  %c-1 = arith.constant -1 : index
  %dim = memref.dim %m, %c-1 : memref<?xf32>
  return %dim : index
}
