using System.Runtime.CompilerServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>What was wrong. Nothing is put into words until somebody asks.</content>
public ref partial struct MessagePackReader
{
    private const int MaxPathCharacters = 512; // a peer may nest as deep as it likes

    private enum ErrorKind : byte
    {
        Text,
        Expected,
        InputEnds,
    }

    /// <summary>What was wrong with the input, after a read that was not Ok; of a contract with the path to the place.</summary>
    public readonly string? Error
    {
        get
        {
            if (_what is null)
                return null;
            string text = _kind switch
            {
                ErrorKind.Expected => $"expected {_what}, got {Found(TypeOf(_input[_errorOffset]))}",
                ErrorKind.InputEnds => "the input ends before " + _what,
                _ => _what,
            };
            return _root is null ? text : $"{_root}{_path}: {text}";
        }
    }

    /// <summary>Where in the input it was wrong.</summary>
    public readonly int ErrorOffset => _errorOffset;

    /// <summary>For generated code: a contract could not be read. Moves back to its start and gives the status on.</summary>
    /// <param name="status">What the read of a part gave.</param>
    /// <param name="start">Where the contract began.</param>
    /// <param name="contract">How errors name the contract.</param>
    /// <param name="member">Which member could not be read; null where it was the head.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public DecodeStatus FailIn(DecodeStatus status, int start, string contract, string? member = null)
    {
        _position = start;
        _root = contract;
        if (member is not null && _path.Length < MaxPathCharacters)
            _path = "." + member + _path;
        return status;
    }

    /// <summary>For generated code: an element of a collection could not be read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public DecodeStatus FailAt(DecodeStatus status, int index)
    {
        if (_path.Length < MaxPathCharacters)
            _path = $"[{index}]{_path}";
        return status;
    }

    /// <summary>For generated code: the next value is not one that the reader knows.</summary>
    public DecodeStatus FailExpected(string wanted) => Other(wanted, _position);

    private static string Found(MessagePackType type) =>
        type switch
        {
            MessagePackType.Invalid => "the byte C1, which is never used",
            MessagePackType.Nil => "nil",
            MessagePackType.Boolean => "true or false",
            MessagePackType.Integer => "an integer",
            MessagePackType.Float => "a float",
            MessagePackType.String => "a text",
            MessagePackType.Binary => "bytes",
            MessagePackType.Array => "an array",
            MessagePackType.Map => "a map",
            _ => "an extension",
        };

    /// <summary>Takes what is about to be allocated from what may be. False: then it may not.</summary>
    private bool TryTake(long bytes) => (_allowance -= bytes) >= 0;

    private DecodeStatus Back(int start, DecodeStatus status)
    {
        if (status != DecodeStatus.Ok)
            _position = start;
        return status;
    }

    private DecodeStatus OverAllowance(int at) => Limit("more memory for its length than allowed (MaxAllocationPerByte)", at);

    private DecodeStatus Other(string wanted, int at) =>
        at < _input.Length
            ? Fail(DecodeStatus.Malformed, ErrorKind.Expected, wanted, at)
            : Fail(DecodeStatus.NeedMoreData, ErrorKind.InputEnds, wanted, at);

    private DecodeStatus More(string what, int at) => Fail(DecodeStatus.NeedMoreData, ErrorKind.InputEnds, what, at);

    private DecodeStatus Malformed(string what, int at) => Fail(DecodeStatus.Malformed, ErrorKind.Text, what, at);

    private DecodeStatus Limit(string what, int at) => Fail(DecodeStatus.LimitExceeded, ErrorKind.Text, what, at);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private DecodeStatus Fail(DecodeStatus status, ErrorKind kind, string what, int at)
    {
        _what = what;
        _kind = kind;
        _errorOffset = at;
        _root = null;
        _path = "";
        return status;
    }
}
