using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Etf;

/// <summary>Finds the structure of a term that somebody else has written: where its parts, lengths and texts are.</summary>
/// <remarks>For terms of our own, which are right and not deep.</remarks>
internal sealed class EtfScanner(Draft draft)
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Trusted);

    /// <summary>Makes a draft of terms, each behind its version byte; the first begins at <paramref name="at"/>.</summary>
    public void Load(byte[] bytes, int at = 1)
    {
        draft.Clear();
        draft.Write(bytes);
        while (at < bytes.Length)
            at = Scan(at) + 1;
    }

    private int Scan(int at)
    {
        EtfReader reader = new(draft.Bytes[at..], s_context);
        if (reader.TrySkipTerm() != DecodeStatus.Ok)
            throw new InvalidOperationException($"a sample is no term: {reader.Error}");
        int end = at + reader.Position;
        draft.Mark(SpotKind.Term, at, end);
        (int lengthAt, int width) = (EtfTag)draft.Bytes[at] switch
        {
            EtfTag.SmallTuple or EtfTag.SmallAtomUtf8 or EtfTag.SmallAtom or EtfTag.SmallBig => (1, 1),
            EtfTag.AtomUtf8 or EtfTag.Atom or EtfTag.String or EtfTag.NewerReference or EtfTag.NewReference => (1, 2),
            EtfTag.LargeTuple or EtfTag.List or EtfTag.Map or EtfTag.Binary or EtfTag.BitBinary or EtfTag.LargeBig => (1, 4),
            EtfTag.NewFun => (26, 4),
            _ => (0, 0),
        };
        if (width > 0)
            draft.Mark(SpotKind.Length, at + lengthAt, at + lengthAt + width);
        switch ((EtfTag)draft.Bytes[at])
        {
            case EtfTag.SmallAtomUtf8 or EtfTag.AtomUtf8 or EtfTag.SmallAtom or EtfTag.Atom or EtfTag.Binary or EtfTag.String:
                draft.Mark(SpotKind.Text, at + lengthAt + width, end);
                break;
            case EtfTag.SmallTuple or EtfTag.LargeTuple or EtfTag.List or EtfTag.Map:
                ScanAll(at + lengthAt + width, end);
                break;
            case EtfTag.NewFun:
                ScanAll(at + 30, end);
                break;
            case EtfTag.Export:
                ScanAll(at + 1, end);
                break;
            case EtfTag.NewPid or EtfTag.NewPort or EtfTag.V4Port:
                Scan(at + 1);
                break;
            case EtfTag.NewerReference:
                Scan(at + 3);
                break;
        }

        return end;
    }

    private void ScanAll(int at, int end)
    {
        while (at < end)
            at = Scan(at);
    }
}
