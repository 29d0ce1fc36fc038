namespace CloudScale.Serialization.MessagePack;

/// <summary>What kind of value comes next, whatever the form of its first byte.</summary>
public enum MessagePackType
{
    /// <summary>Nothing: the input ends.</summary>
    None,

    /// <summary>The byte that the specification never uses.</summary>
    Invalid,

    /// <summary>nil.</summary>
    Nil,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>An integer, -2^63 to 2^64-1.</summary>
    Integer,

    /// <summary>A float of 32 or 64 bits.</summary>
    Float,

    /// <summary>Text in UTF-8.</summary>
    String,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>An array; its elements follow.</summary>
    Array,

    /// <summary>A map; its pairs follow.</summary>
    Map,

    /// <summary>A type number and bytes.</summary>
    Extension,
}
