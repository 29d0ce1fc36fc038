namespace CloudScale.Serialization.MessagePack;

/// <summary>The extension types in which terms say what MessagePack has no form for. Numbers are big-endian.</summary>
/// <remarks>The numbers are this library's own; applications that share a stream with terms keep to others. Source: MessagePack specification, extension types.</remarks>
public static class MessagePackExtensions
{
    /// <summary>The specification's own: <c>seconds:u32</c>, <c>nanoseconds:30 bits | seconds:34 bits</c>, or <c>nanoseconds:u32 | seconds:i64</c>.</summary>
    public const sbyte Timestamp = -1;

    /// <summary>
    /// <c>kind:u8</c>, the first element of an array that is no list: what follows in it are the parts of a tuple (1), the elements and the tail of an improper list
    /// (2), <c>module, name, arity</c> of an external fun (3), <c>module, arity, uniq:bin, index, old index, old uniq, creator, free variable × n</c> of a fun (4),
    /// or <c>module, name, exported, field × n, value × n</c> of a native record (5).
    /// </summary>
    public const sbyte Form = 16;

    /// <summary><c>UTF-8</c>. The atoms nil, true and false are MessagePack's own.</summary>
    public const sbyte Atom = 17;

    /// <summary><c>creation:u32 | id:u32 | serial:u32 | node UTF-8</c>.</summary>
    public const sbyte Pid = 18;

    /// <summary><c>creation:u32 | words:u8 | word:u32 × words | node UTF-8</c>, least significant word first as in NEWER_REFERENCE_EXT.</summary>
    public const sbyte Reference = 19;

    /// <summary><c>creation:u32 | id:u64 | node UTF-8</c>.</summary>
    public const sbyte Port = 20;

    /// <summary><c>sign:u8 | byte × n</c>, most significant first: integers that fit neither 64 bits with sign nor without.</summary>
    public const sbyte Integer = 21;

    /// <summary><c>bits:u8 | byte × n</c>: 1 to 7 bits of the last byte count, from the highest.</summary>
    public const sbyte BitString = 22;

    internal const byte TupleForm = 1;
    internal const byte ImproperListForm = 2;
    internal const byte ExternalFunForm = 3;
    internal const byte FunForm = 4;
    internal const byte NativeRecordForm = 5;

    /// <summary>Parts of a fun before its free variables.</summary>
    internal const int FunParts = 7;

    /// <summary>Parts of a native record before its fields.</summary>
    internal const int NativeRecordParts = 3;
}
