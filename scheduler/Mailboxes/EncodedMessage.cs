using System.Buffers;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Scheduling;

/// <summary>A message from another node, in its bytes until the receiving process looks at it.</summary>
/// <remarks>
/// So decoding costs the receiver's time and not that of the connection, which many share, and a selective receive that wants another type of contract looks at tag and arity
/// alone. Asked for as an object it is the contract that its tag and arity name, else a dynamic term; asked for by type it is what was asked for, if it can be. Bytes that are
/// no term become an <see cref="Undecodable"/>, and the connection is told.
/// Owner: the message owns its bytes; more than a little are rented, and go back when it is decoded, unless a binary that is most of
/// the message keeps them. (One that is never looked at leaves them to the collector.)
/// Threads: the owner of the receiving process.
/// </remarks>
internal class EncodedMessage : IDeferredMessage
{
    private const int Rented = 1_024; // bytes; from here on renting is cheaper than an array that is cleared and collected

    private readonly EtfDecodeContext _context;
    private readonly int _start; // of the term and its version byte, in the array
    private readonly int _length;
    private readonly bool _isRented;
    private byte[]? _bytes; // null once decoded
    private object? _value;
    private bool _isTerm; // the value was asked for as a term, and may be a contract
    private GenCall _call;

    private EncodedMessage(EncodedTerm term)
    {
        int version = term.HasVersion ? 0 : 1;
        _context = term.Context;
        _length = term.Bytes.Length + version;
        if (term.Array is { } array)
        {
            _bytes = array;
            _start = term.ArrayOffset - version;
            _bytes[_start] = EtfReader.Version;
            return;
        }

        // What a binary will keep is made to measure: it would not go back to the pool, and the pool's arrays are up to twice as large.
        _isRented = _length >= Rented && !term.IsMostlyBinary;
        _bytes = _isRented ? ArrayPool<byte>.Shared.Rent(_length) : GC.AllocateUninitializedArray<byte>(_length);
        _bytes[0] = EtfReader.Version;
        term.Bytes.CopyTo(_bytes.AsSpan(version));
    }

    internal static EncodedMessage Of(EncodedTerm term) =>
        term.HeaderAtoms is { Length: > 0 } atoms ? new WithHeaderAtoms(term, atoms) : new EncodedMessage(term);

    /// <summary>The atoms that the bytes refer to by number.</summary>
    private protected virtual ReadOnlySpan<Atom> HeaderAtoms => default;

    private EtfReader Reader() => new(_bytes.AsMemory(_start, _length), _context, HeaderAtoms);

    /// <summary>A message that came with a distribution header which holds some of its atoms.</summary>
    private sealed class WithHeaderAtoms(EncodedTerm term, Atom[] atoms) : EncodedMessage(term)
    {
        private protected override ReadOnlySpan<Atom> HeaderAtoms => atoms;
    }

    /// <summary>How many bytes it came in.</summary>
    internal int Length => _length;

    public object Message
    {
        get
        {
            if (_isTerm)
                (_value, _isTerm) = (ContractOf(_value!) ?? _value, false);
            return _value ?? Decode(asContract: true);
        }
    }

    /// <summary>The message as a type.</summary>
    internal bool TryGet<T>(out T value)
    {
        if (_value is null && !IsFor(typeof(T)))
        {
            value = default!;
            return false;
        }

        object message = _value ?? Decode(asContract: !IsTerm(typeof(T)));
        if (message is T match)
        {
            value = match;
            return true;
        }

        // Decoded as a contract before, and wanted as the term it stands for; or the other way round.
        object? other = message is ITermContract contract ? (IsTerm(typeof(T)) ? contract.ToTerm() : null) : ContractOf(message);
        value = other is T wanted ? wanted : default!;
        return other is T;
    }

    /// <summary>The message as a call.</summary>
    internal bool TryGetCall(out GenCall call)
    {
        if (_value is null && _call.Request is null)
            ReadCall();
        call = _call;
        if (call.Request is null && _value is not null && GenCall.TryRead(_value, out call))
            call = _call = call with { Request = ContractOf(call.Request) ?? call.Request };
        return call.Request is not null;
    }

    /// <summary>Whether a message has to be kept in its bytes. Numbers, atoms, pids and short binaries are decoded as fast as they are copied, and are of no contract.</summary>
    internal static bool IsWorthIt(in EncodedTerm term) =>
        term.Tag switch
        {
            EtfTag.SmallTuple or EtfTag.LargeTuple or EtfTag.Map or EtfTag.List or EtfTag.String or EtfTag.Compressed => true,
            EtfTag.Binary => term.Bytes.Length >= Rented,
            _ => false,
        };

    private static bool IsTerm(Type type) => type.Assembly == typeof(Tuple).Assembly && !typeof(ITermConvertible).IsAssignableFrom(type);

    /// <summary>Whether it may be of a type, by tag and arity alone: a term may be any; an object of .NET only if a contract says so.</summary>
    private bool IsFor(Type type)
    {
        if (_bytes is null || type == typeof(Undecodable))
            return true;
        if (IsTerm(type))
            return (EtfTag)_bytes[_start + 1] switch
            {
                EtfTag.SmallTuple or EtfTag.LargeTuple => type == typeof(Tuple),
                EtfTag.Map => type == typeof(Map),
                EtfTag.Binary => type == typeof(Binary),
                EtfTag.List or EtfTag.String => type == typeof(List),
                _ => true, // compressed
            };
        EtfReader reader = Reader();
        return reader.TryReadVersion() == DecodeStatus.Ok
            && ContractRegistry.Peek(reader) is { } contract
            && type.IsAssignableFrom(contract);
    }

    private object Decode(bool asContract)
    {
        if (_bytes is null)
            return _value = _call.ToTerm();
        EtfReader reader = Reader();
        object? value = null;
        DecodeStatus status = reader.TryReadVersion();
        if (status == DecodeStatus.Ok)
            status = asContract ? ContractRegistry.TryReadTerm(ref reader, out value) : reader.TryReadTerm(out value);
        if (status != DecodeStatus.Ok || reader.Remaining > 0)
            value = Refused(reader);
        GiveBack(reader.KeepsInput);
        _isTerm = !asContract;
        return _value = value!;
    }

    private void ReadCall()
    {
        EtfReader reader = Reader();
        if (reader.TryReadVersion() != DecodeStatus.Ok || !GenCall.TryOpen(ref reader))
            return;
        if (
            reader.TryReadTerm(out object? from) == DecodeStatus.Ok
            && From.TryFrom(from!, out From caller)
            && ContractRegistry.TryReadTerm(ref reader, out object? request) == DecodeStatus.Ok
            && reader.Remaining == 0
        )
        {
            _call = new GenCall(caller, request!);
            GiveBack(reader.KeepsInput);
        }
    }

    private Undecodable Refused(in EtfReader reader)
    {
        Undecodable refused = new(reader.Error ?? $"{reader.Remaining} bytes after a term");
        _context.Refuse(refused.Error);
        return refused;
    }

    private void GiveBack(bool kept)
    {
        if (_isRented && !kept)
            ArrayPool<byte>.Shared.Return(_bytes!);
        _bytes = null;
    }

    private object? ContractOf(object term)
    {
        if (term is not (Tuple or Map or Atom))
            return null;
        EtfReader reader = new(ExternalTerm.Encode(term), _context);
        reader.TryReadVersion();
        return ContractRegistry.Peek(reader) is not null && ContractRegistry.TryReadTerm(ref reader, out object? value) == DecodeStatus.Ok
            ? value
            : null;
    }
}
