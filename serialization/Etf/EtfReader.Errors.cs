using System.Runtime.CompilerServices;
using System.Text;

namespace CloudScale.Serialization.Etf;

/// <content>What was wrong. Nothing is put into words until somebody asks: a refused message costs a few stores.</content>
public ref partial struct EtfReader
{
    private const int MaxPathParts = 16; // shown of each end of a path

    private enum ErrorKind : byte
    {
        Text,
        Expected,
        InputEnds,
    }

    /// <summary>
    /// What was wrong with the input, after a read that was not Ok; of a contract with the path to the place: <c>ping.from: expected a pid, got the atom 'x'</c>.
    /// </summary>
    public readonly string? Error
    {
        get
        {
            if (_failure is not { } failure)
                return null;
            string what = failure.Kind switch
            {
                ErrorKind.Expected => $"expected {failure.What}, got {FoundTerm.Describe(_input[failure.At..], _context, _headerAtoms)}",
                ErrorKind.InputEnds => "the input ends before " + failure.What,
                _ => failure.What,
            };
            return failure.Path is { } path ? $"{path}: {what}" : what;
        }
    }

    /// <summary>Where in the input it was wrong.</summary>
    public readonly int ErrorOffset => _failure?.At ?? 0;

    /// <summary>Where in a contract it was wrong, as <c>order.lines[3].price</c>; null where no contract was read.</summary>
    public readonly string? ErrorPath => _failure?.Path;

    /// <summary>For generated code: a contract could not be read. Moves back to its start and gives the status on.</summary>
    /// <param name="status">What the read of a part gave.</param>
    /// <param name="start">Where the contract began.</param>
    /// <param name="contract">How errors name the contract.</param>
    /// <param name="member">Which member could not be read; null where it was the head.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public DecodeStatus FailIn(DecodeStatus status, int start, string contract, string? member = null)
    {
        _position = start;
        _failure!.Root = contract;
        if (member is not null)
            _failure.Add(member, 0);
        return status;
    }

    /// <summary>For generated code: an element of a collection could not be read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public DecodeStatus FailAt(DecodeStatus status, int index)
    {
        _failure!.Add(null, index);
        return status;
    }

    /// <summary>For generated code: a map has one key twice.</summary>
    public DecodeStatus FailDuplicate(int start, string contract, string member)
    {
        Malformed("the key comes twice", _position);
        return FailIn(DecodeStatus.Malformed, start, contract, member);
    }

    /// <summary>For generated code: a dictionary has one key twice.</summary>
    public DecodeStatus FailDuplicate() => Malformed("the key comes twice", _position);

    /// <summary>For generated code: a keyword list has a key alone, and it is not one for true or false.</summary>
    public DecodeStatus FailAlone() => Malformed("expected a value, got the key alone", _position);

    /// <summary>For generated code: a map or keyword list lacks a member that has no default.</summary>
    public DecodeStatus FailMissing(int start, string contract, string member)
    {
        Malformed("the key is missing", start);
        return FailIn(DecodeStatus.Malformed, start, contract, member);
    }

    /// <summary>For generated code: the next term is not one that the reader knows.</summary>
    public DecodeStatus FailExpected(string wanted) => Other(wanted, _position);

    /// <summary>Moves back to where a part of several terms began.</summary>
    internal DecodeStatus Back(int start, DecodeStatus status) => Finish(start, status);

    /// <summary>Moves back to where a part of several terms began: they do not make what was wanted.</summary>
    internal DecodeStatus BackExpected(int start, string wanted) => Finish(start, Other(wanted, start));

    /// <summary>A failure that another reader has put into words.</summary>
    internal DecodeStatus FailText(string error) => Malformed(error, _position);

    private DecodeStatus Finish(int start, DecodeStatus status)
    {
        if (status != DecodeStatus.Ok)
            _position = start;
        return status;
    }

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
        _failure = new Failure(kind, what, at);
        return status;
    }

    /// <summary>What was wrong, and the way to it, which grows while the contracts around it give up.</summary>
    private sealed class Failure(ErrorKind kind, string what, int at)
    {
        private readonly List<(string? Name, int Index)> _parts = [];

        public ErrorKind Kind { get; } = kind;
        public string What { get; } = what;
        public int At { get; } = at;

        /// <summary>The contract that was being read, the outermost so far.</summary>
        public string? Root { get; set; }

        public string? Path
        {
            get
            {
                if (Root is null)
                    return null;
                StringBuilder path = new(Root);
                for (int i = _parts.Count - 1; i >= 0; i--)
                {
                    if (i == MaxPathParts && _parts.Count > 2 * MaxPathParts)
                        path.Append(" … ");
                    if (i >= MaxPathParts && i < _parts.Count - MaxPathParts)
                        continue;
                    if (_parts[i].Name is { } name)
                        path.Append('.').Append(name);
                    else
                        path.Append('[').Append(_parts[i].Index).Append(']');
                }

                return path.ToString();
            }
        }

        public void Add(string? name, int index) => _parts.Add((name, index));
    }
}
