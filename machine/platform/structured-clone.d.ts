/** A deep copy of plain data, of maps, sets and typed arrays; what is the same object in it is the same object in the copy. */
declare function structuredClone<T>(value: T): T;
