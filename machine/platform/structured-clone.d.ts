/** A deep copy of plain data, of maps, sets and typed arrays; an object that occurs several times in it is one object in the copy, too. */
declare function structuredClone<T>(value: T): T;
