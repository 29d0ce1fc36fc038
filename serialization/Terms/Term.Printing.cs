using System.Globalization;
using System.Numerics;
using System.Text;

namespace CloudScale;

public static partial class Term
{
    /// <summary>How terms print: the walk through them, and numbers and identities. Text and floats are in the other part.</summary>
    private static partial class Printing
    {
        public static string Format(object? term, int limit)
        {
            StringBuilder text = new();
            using Walk<Frame> open = new();
            if (Open(text, term, limit, out Frame frame))
            {
                do
                {
                    while (text.Length <= limit && frame.TryNext(text, out object? part))
                    {
                        if (!Open(text, part, limit, out Frame inner))
                            continue;
                        open.Push(frame);
                        frame = inner;
                    }
                } while (text.Length <= limit && open.TryPop(out frame));
            }

            if (text.Length <= limit)
                return text.ToString();
            bool cutsPair = limit > 0 && char.IsHighSurrogate(text[limit - 1]);
            text.Length = cutsPair ? limit - 1 : limit;
            return text.Append(" …").ToString();
        }

        /// <summary>Prints a term, of which there need not be more than beyond the limit, or only the opening of one that has contents; then returns true.</summary>
        private static bool Open(StringBuilder text, object? term, int limit, out Frame frame)
        {
            frame = default;
            TermKind kind = TermKinds.Classify(ref term);
            switch (kind)
            {
                case TermKind.Tuple:
                    text.Append('{');
                    break;
                case TermKind.Map:
                    text.Append("#{");
                    break;
                case TermKind.NativeRecord:
                    NativeRecord record = (NativeRecord)term;
                    PrintAtom(text.Append('#'), record.Module);
                    PrintAtom(text.Append(':'), record.Name);
                    text.Append('{');
                    break;
                case TermKind.List:
                    if (TryPrintString(text, (List)term, limit))
                        return false;
                    text.Append('[');
                    break;
                default:
                    PrintLeaf(text, term, kind, limit);
                    return false;
            }

            frame = new Frame(term);
            return true;
        }

        private static void PrintLeaf(StringBuilder text, object term, TermKind kind, int limit)
        {
            switch (kind)
            {
                case TermKind.Integer:
                    text.Append((long)term);
                    break;
                case TermKind.BigInteger:
                    text.Append(((BigInteger)term).ToString(CultureInfo.InvariantCulture));
                    break;
                case TermKind.Float:
                    PrintFloat(text, (double)term);
                    break;
                case TermKind.Atom:
                    PrintAtom(text, (Atom)term);
                    break;
                case TermKind.Reference:
                    PrintReference(text, (Reference)term);
                    break;
                case TermKind.Fun:
                    Fun fun = (Fun)term;
                    PrintAtom(text.Append("#Fun<"), fun.Module);
                    text.Append('.').Append(fun.OldIndex).Append('.').Append((uint)fun.OldUniq).Append('>');
                    break;
                case TermKind.ExternalFun:
                    ExternalFun external = (ExternalFun)term;
                    PrintAtom(text.Append("fun "), external.Module);
                    PrintAtom(text.Append(':'), external.Function);
                    text.Append('/').Append(external.Arity);
                    break;
                case TermKind.Port:
                    Port port = (Port)term;
                    text.Append("#Port<").Append(NodeName(port.Node)).Append('.').Append(port.Number).Append('>');
                    break;
                case TermKind.Pid:
                    Pid pid = (Pid)term;
                    text.Append('<').Append(NodeName(pid.Node)).Append('.').Append(pid.Id).Append('.').Append(pid.Serial).Append('>');
                    break;
                case TermKind.Nil:
                    text.Append("[]");
                    break;
                case TermKind.Binary:
                    PrintBinary(text, (Binary)term, limit);
                    break;
                case TermKind.BitString:
                    PrintBitString(text, (BitString)term, limit);
                    break;
                default:
                    text.Append("#<").Append(term.GetType().FullName).Append('>');
                    break;
            }
        }

        private static string NodeName(NodeIdentity? node) => node is null ? "none" : node.Name.Name;

        private static void PrintReference(StringBuilder text, Reference reference)
        {
            text.Append("#Ref<").Append(NodeName(reference.Node));
            if (!reference.IsNone)
            {
                Span<uint> words = stackalloc uint[Reference.MaxWords];
                for (int i = reference.CopyWords(words) - 1; i >= 0; i--)
                    text.Append('.').Append(words[i]);
            }

            text.Append('>');
        }

        /// <summary>An opened term and how far its contents have been printed.</summary>
        private struct Frame(object term)
        {
            private readonly object _term = term;
            private int _index;

            /// <summary>Prints what stands before the next part and gives the part, or closes the term.</summary>
            public bool TryNext(StringBuilder text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? part)
            {
                part = null;
                switch (_term)
                {
                    case Tuple tuple:
                        if (_index < tuple.Count)
                            part = tuple[_index];
                        else
                            text.Append('}');
                        break;
                    case List list:
                        if (_index < list.Count)
                            part = list[_index];
                        else if (_index == list.Count && !list.IsProper)
                            part = list.Tail;
                        else
                            text.Append(']');
                        break;
                    case NativeRecord record:
                        if (_index < record.Values.Length)
                        {
                            PrintAtom(_index == 0 ? text : text.Append(','), record.Fields[_index]);
                            part = record.Values[_index++];
                            text.Append(" = ");
                            return true;
                        }

                        text.Append('}');
                        break;
                    default:
                        Map map = (Map)_term;
                        if (_index < 2 * map.Count)
                        {
                            int at = map.Order[_index >> 1];
                            part = (_index & 1) == 0 ? map.KeyAt(at) : map.ValueAt(at);
                        }
                        else
                            text.Append('}');
                        break;
                }

                if (part is null)
                    return false;
                if (_index > 0)
                    text.Append(Separator());
                _index++;
                return true;
            }

            private readonly string Separator() =>
                _term switch
                {
                    Map when (_index & 1) == 1 => " => ",
                    List list when _index == list.Count => "|",
                    _ => ",",
                };
        }
    }
}
