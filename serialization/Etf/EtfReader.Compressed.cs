using System.Buffers.Binary;

namespace CloudScale.Serialization.Etf;

/// <content>Compressed terms.</content>
public ref partial struct EtfReader
{
    // Wire: 80 | size:u32 | zlib. As on BEAM the inflated bytes must be as many as declared, and may go on behind the term.
    private DecodeStatus TryReadCompressed(int at, bool skip, out object? term)
    {
        term = null;
        if (Remaining < 5)
            return More("a compressed term", at);
        uint declared = BinaryPrimitives.ReadUInt32BigEndian(_input[(at + 1)..]);
        if (declared > (uint)_context.Limits.MaxUncompressedBytes)
            return Limit("a compressed term that inflates to more than allowed", at);
        bool isBounded = _context.Limits.MaxAllocationPerByte != int.MaxValue;
        if (isBounded && !TryTake(Inflater.RentedBytes((int)declared)))
            return OverAllowance(at);

        using Inflater inflater = new(_input[(at + 5)..], (int)declared, atOnce: isBounded);
        DecodeStatus status = inflater.Run();
        if (status != DecodeStatus.Ok)
            return status == DecodeStatus.NeedMoreData ? More("the end of the compressed bytes", at) : Malformed(inflater.Error, at);

        EtfReader inner = new(inflater.Output, _context, _headerAtoms)
        {
            _newAtoms = _newAtoms,
            _terms = _terms,
            _allowance = _allowance,
        };
        status = skip ? inner.TrySkipTerm() : inner.TryReadTerm(out term);
        if (status == DecodeStatus.NeedMoreData)
            return Malformed("a compressed term that is not complete", at); // more input would not lengthen it
        if (status != DecodeStatus.Ok)
            return Fail(status, ErrorKind.Text, inner.Error ?? "a compressed term", at);
        _newAtoms = inner._newAtoms;
        _terms = inner._terms;
        _allowance = inner._allowance;
        _position = at + 5 + inflater.Used;
        return DecodeStatus.Ok;
    }
}
