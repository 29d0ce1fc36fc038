namespace CloudScale.Serialization.Etf;

/// <summary>The first byte of an encoded term, with the protocol's own names.</summary>
/// <remarks>Source: ERTS User's Guide, External Term Format.</remarks>
public enum EtfTag : byte
{
    /// <summary>No byte there: the input ends.</summary>
    None = 0,

    /// <summary>A native record of OTP 29: <c>fields:u32 | exported:u8 | module | name | field × fields | value × fields</c>; see <see cref="CloudScale.NativeRecord"/>.</summary>
    NativeRecord = 67,

    /// <summary>NEW_FLOAT_EXT: <c>IEEE 754:u64</c>.</summary>
    NewFloat = 70,

    /// <summary>BIT_BINARY_EXT: <c>length:u32 | bits:u8 | byte × length</c>.</summary>
    BitBinary = 77,

    /// <summary>A compressed term, only right after the version: <c>size:u32 | zlib</c>.</summary>
    Compressed = 80,

    /// <summary>ATOM_CACHE_REF: <c>index:u8</c> into the atoms of a distribution header.</summary>
    AtomCacheRef = 82,

    /// <summary>NEW_PID_EXT: <c>node | id:u32 | serial:u32 | creation:u32</c>.</summary>
    NewPid = 88,

    /// <summary>NEW_PORT_EXT: <c>node | id:u32 | creation:u32</c>.</summary>
    NewPort = 89,

    /// <summary>NEWER_REFERENCE_EXT: <c>words:u16 | node | creation:u32 | word:u32 × words</c>.</summary>
    NewerReference = 90,

    /// <summary>SMALL_INTEGER_EXT: <c>u8</c>.</summary>
    SmallInteger = 97,

    /// <summary>INTEGER_EXT: <c>i32</c>.</summary>
    Integer = 98,

    /// <summary>FLOAT_EXT: 31 bytes of text, <c>%.20e</c>, filled up with zeros.</summary>
    Float = 99,

    /// <summary>ATOM_EXT: <c>length:u16 | Latin-1</c>.</summary>
    Atom = 100,

    /// <summary>REFERENCE_EXT: <c>node | word:u32 | creation:u8</c>.</summary>
    Reference = 101,

    /// <summary>PORT_EXT: <c>node | id:u32 | creation:u8</c>.</summary>
    Port = 102,

    /// <summary>PID_EXT: <c>node | id:u32 | serial:u32 | creation:u8</c>.</summary>
    Pid = 103,

    /// <summary>SMALL_TUPLE_EXT: <c>arity:u8 | term × arity</c>.</summary>
    SmallTuple = 104,

    /// <summary>LARGE_TUPLE_EXT: <c>arity:u32 | term × arity</c>.</summary>
    LargeTuple = 105,

    /// <summary>NIL_EXT.</summary>
    Nil = 106,

    /// <summary>STRING_EXT, a list of bytes: <c>length:u16 | byte × length</c>.</summary>
    String = 107,

    /// <summary>LIST_EXT: <c>length:u32 | term × length | tail</c>.</summary>
    List = 108,

    /// <summary>BINARY_EXT: <c>length:u32 | byte × length</c>.</summary>
    Binary = 109,

    /// <summary>SMALL_BIG_EXT: <c>length:u8 | sign:u8 | byte × length</c>, least significant first.</summary>
    SmallBig = 110,

    /// <summary>LARGE_BIG_EXT: <c>length:u32 | sign:u8 | byte × length</c>, least significant first.</summary>
    LargeBig = 111,

    /// <summary>NEW_FUN_EXT; see <see cref="CloudScale.Fun"/>.</summary>
    NewFun = 112,

    /// <summary>EXPORT_EXT: <c>module | function | arity</c>.</summary>
    Export = 113,

    /// <summary>NEW_REFERENCE_EXT: <c>words:u16 | node | creation:u8 | word:u32 × words</c>.</summary>
    NewReference = 114,

    /// <summary>SMALL_ATOM_EXT: <c>length:u8 | Latin-1</c>.</summary>
    SmallAtom = 115,

    /// <summary>MAP_EXT: <c>size:u32 | (key value) × size</c>.</summary>
    Map = 116,

    /// <summary>FUN_EXT, which no OTP accepts since 23.</summary>
    Fun = 117,

    /// <summary>ATOM_UTF8_EXT: <c>length:u16 | UTF-8</c>.</summary>
    AtomUtf8 = 118,

    /// <summary>SMALL_ATOM_UTF8_EXT: <c>length:u8 | UTF-8</c>.</summary>
    SmallAtomUtf8 = 119,

    /// <summary>V4_PORT_EXT: <c>node | id:u64 | creation:u32</c>.</summary>
    V4Port = 120,

    /// <summary>LOCAL_EXT: readable only by the runtime system that wrote it.</summary>
    Local = 121,
}
