using System.Runtime.CompilerServices;
using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.MessagePack;

/// <content>What was wrong. Nothing is put into words until somebody asks.</content>
public ref partial struct MessagePackReader
{
    private const int MaxPathCharacters = 256;

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
                ErrorKind.Expected => $"expected {_what}, got {FoundValue.Describe(_input[_errorOffset..], _context)}",
                ErrorKind.InputEnds => "the input ends before " + _what,
                _ => _what,
            };
            return ErrorPath is { } path ? $"{path}: {text}" : text;
        }
    }

    /// <summary>Where in the input it was wrong.</summary>
    public readonly int ErrorOffset => _errorOffset;

    /// <summary>Where in a contract it was wrong, as <c>order.lines[3].price</c>; null where no contract was read.</summary>
    public readonly string? ErrorPath => _root is null ? null : _root + (_isPathCut ? " … " : "") + _path;

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
        if (member is not null)
            Extend("." + member);
        return status;
    }

    /// <summary>For generated code: an element of a collection could not be read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public DecodeStatus FailAt(DecodeStatus status, int index)
    {
        Extend($"[{index}]");
        return status;
    }

    /// <summary>For generated code: the next value is not one that the reader knows.</summary>
    public DecodeStatus FailExpected(string wanted) => Other(wanted, _position);

    /// <summary>For generated code: a map has one key twice.</summary>
    public DecodeStatus FailDuplicate(int start, string contract, string member) =>
        FailIn(Malformed("the key comes twice", _position), start, contract, member);

    /// <summary>For generated code: a dictionary has one key twice.</summary>
    public DecodeStatus FailDuplicate() => Malformed("the key comes twice", _position);

    /// <summary>For generated code: a keyword list has a key alone, and it is not one for true or false.</summary>
    public DecodeStatus FailAlone() => Malformed("expected a value, got the key alone", _position);

    /// <summary>For generated code: a map or keyword list lacks a member that has no default.</summary>
    public DecodeStatus FailMissing(int start, string contract, string member) =>
        FailIn(Malformed("the key is missing", start), start, contract, member);

    /// <summary>Moves back to where a value of several parts began: they do not make what was wanted.</summary>
    internal DecodeStatus BackExpected(int start, string wanted) => Back(start, Other(wanted, start));

    /// <summary>Moves back to where a value of several parts began.</summary>
    internal DecodeStatus Back(int start, DecodeStatus status)
    {
        if (status != DecodeStatus.Ok)
            _position = start;
        return status;
    }

    /// <summary>A failure that another reader has put into words; moves back to where the value began.</summary>
    internal DecodeStatus FailText(int start, string error) => Back(start, Malformed(error, start));

    // The innermost parts are kept: they say most, and a peer may nest as deep as it likes.
    private void Extend(string part)
    {
        if (_path.Length < MaxPathCharacters)
            _path = part + _path;
        else
            _isPathCut = true;
    }

    /// <summary>Takes what is about to be allocated from what may be. False: then it may not.</summary>
    private bool TryTake(long bytes) => (_allowance -= bytes) >= 0;

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
        _isPathCut = false;
        return status;
    }
}
