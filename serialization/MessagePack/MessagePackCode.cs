namespace CloudScale.Serialization.MessagePack;

/// <summary>The first bytes of values, with the specification's own names. Those in between are <c>fix</c> forms that hold a number or a length.</summary>
internal static class MessagePackCode
{
    public const byte MaxPositiveFixInt = 0x7F; // positive fixint
    public const byte FixMap = 0x80; // fixmap: length in 4 bits
    public const byte FixArray = 0x90; // fixarray: length in 4 bits
    public const byte FixString = 0xA0; // fixstr: length in 5 bits
    public const byte Nil = 0xC0;
    public const byte NeverUsed = 0xC1;
    public const byte False = 0xC2;
    public const byte True = 0xC3;
    public const byte Binary8 = 0xC4; // bin 8, 16, 32
    public const byte Binary32 = 0xC6;
    public const byte Extension8 = 0xC7; // ext 8, 16, 32
    public const byte Extension32 = 0xC9;
    public const byte Float32 = 0xCA;
    public const byte Float64 = 0xCB;
    public const byte UInt8 = 0xCC; // uint 8, 16, 32, 64
    public const byte UInt64 = 0xCF;
    public const byte Int8 = 0xD0; // int 8, 16, 32, 64
    public const byte Int64 = 0xD3;
    public const byte FixExtension1 = 0xD4; // fixext 1, 2, 4, 8, 16
    public const byte FixExtension16 = 0xD8;
    public const byte String8 = 0xD9; // str 8, 16, 32
    public const byte String32 = 0xDB;
    public const byte Array16 = 0xDC; // array 16, 32
    public const byte Array32 = 0xDD;
    public const byte Map16 = 0xDE; // map 16, 32
    public const byte Map32 = 0xDF;
    public const byte NegativeFixInt = 0xE0; // negative fixint
}
