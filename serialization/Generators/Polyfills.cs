namespace System.Runtime.CompilerServices;

/// <summary>What the compiler wants for records and init accessors; netstandard2.0 lacks it.</summary>
internal static class IsExternalInit;
