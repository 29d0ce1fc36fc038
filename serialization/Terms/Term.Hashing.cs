using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace CloudScale;

public static partial class Term
{
    /// <summary>The hash of some bytes; the salt tells apart what has equal bytes but another kind.</summary>
    internal static int HashBytes(ReadOnlySpan<byte> bytes, ulong salt) => Hashing.Bytes(bytes, salt);

    // Multiply-and-fold with secrets drawn at start, so that a peer cannot prepare keys that collide here.
    private static class Hashing
    {
        private static readonly ulong s_secret0 = Secret();
        private static readonly ulong s_secret1 = Secret();

        public static int Compute(object? term)
        {
            TermKind kind = TermKinds.ClassifyOrThrow(ref term);
            return TermKinds.IsCompound(kind) ? Compound(term, kind) : Leaf(term, kind);
        }

        public static int Bytes(ReadOnlySpan<byte> bytes, ulong salt)
        {
            ulong hash = Mix(salt, (ulong)bytes.Length);
            while (bytes.Length >= 8)
            {
                hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                bytes = bytes[8..];
            }

            ulong rest = 0;
            foreach (byte b in bytes)
                rest = (rest << 8) | b;
            return Fold(Mix(hash, rest));
        }

        private static int Leaf(object term, TermKind kind)
        {
            switch (kind)
            {
                case TermKind.Atom:
                    return ((Atom)term).HashBits;
                case TermKind.Integer:
                    return Number((long)term);
                case TermKind.Float:
                    // 0.0 and -0.0 are equal, so they hash alike.
                    return Fold(Mix((ulong)TermKind.Float, BitConverter.DoubleToUInt64Bits((double)term + 0.0)));
                case TermKind.Pid:
                    return Identity(((Pid)term).Node, Mix((ulong)TermKind.Pid, ((Pid)term).Number));
                case TermKind.Reference:
                    return Identity(((Reference)term).Node, Words((Reference)term));
                case TermKind.Port:
                    return Identity(((Port)term).Node, Mix((ulong)TermKind.Port, ((Port)term).Number));
                case TermKind.BigInteger:
                    return Big((BigInteger)term);
                case TermKind.ExternalFun:
                    ExternalFun fun = (ExternalFun)term;
                    return Fold(Mix(Mix((ulong)fun.Module.HashBits, (ulong)fun.Function.HashBits), (ulong)fun.Arity));
                case TermKind.Nil:
                    return Fold(Mix((ulong)TermKind.Nil, 0));
                default: // Binary, BitString
                    return term.GetHashCode();
            }
        }

        private static int Compound(object term, TermKind kind)
        {
            using Walk<Frame> parents = new();
            Frame frame = new(term, kind);
            while (true)
            {
                if (frame.TryNext(out object? part))
                {
                    kind = TermKinds.ClassifyOrThrow(ref part);
                    if (!TermKinds.IsCompound(kind))
                    {
                        frame.Add(Leaf(part, kind));
                        continue;
                    }

                    if (part is Map { CachedHash: not 0 } known)
                    {
                        frame.Add(known.CachedHash);
                        continue;
                    }

                    parents.Push(frame);
                    frame = new Frame(part, kind);
                    continue;
                }

                int hash = frame.Finish();
                if (!parents.TryPop(out frame))
                    return hash;
                frame.Add(hash);
            }
        }

        private static int Big(BigInteger number)
        {
            int length = number.GetByteCount();
            byte[]? rented = length > 512 ? ArrayPool<byte>.Shared.Rent(length) : null;
            Span<byte> bytes = rented is null ? stackalloc byte[512] : rented;
            number.TryWriteBytes(bytes, out length);
            int hash = Bytes(bytes[..length], (ulong)TermKind.BigInteger);
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
            return hash;
        }

        // The words themselves: the number of a wide reference is a hash that a peer can make collide.
        private static ulong Words(Reference reference)
        {
            ulong hash = (ulong)TermKind.Reference;
            if (reference.IsNone)
                return hash;
            Span<uint> words = stackalloc uint[Reference.MaxWords];
            foreach (uint word in words[..reference.CopyWords(words)])
                hash = Mix(hash, word);
            return hash;
        }

        private static int Identity(NodeIdentity? node, ulong hash) =>
            Fold(node is null ? hash : Mix(hash, ((ulong)(uint)node.Name.HashBits << 32) | node.Creation));

        private static int Number(long value) => Fold(Mix((ulong)TermKind.Integer, (ulong)value));

        private static ulong Mix(ulong hash, ulong value)
        {
            ulong high = Math.BigMul(hash ^ s_secret0, value ^ s_secret1, out ulong low);
            return high ^ low;
        }

        private static int Fold(ulong hash) => (int)(hash ^ (hash >> 32));

        private static ulong Secret()
        {
            Span<byte> bytes = stackalloc byte[8];
            RandomNumberGenerator.Fill(bytes);
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
        }

        /// <summary>A compound term and the hash of the parts seen so far.</summary>
        private struct Frame(object term, TermKind kind)
        {
            private readonly object _term = term;
            private int _index;
            private ulong _hash = Mix((ulong)kind, 1);

            public bool TryNext([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? part)
            {
                part = null;
                switch (_term)
                {
                    case Tuple tuple:
                        if (_index < tuple.Count)
                            part = tuple[_index];
                        break;
                    case List list:
                        if (_index < list.Count)
                            part = list[_index];
                        else if (_index == list.Count && !list.IsProper)
                            part = list.Tail;
                        break;
                    case Fun fun:
                        if (_index < fun.FreeVariables.Length)
                            part = fun.FreeVariables[_index];
                        break;
                    case NativeRecord record:
                        if (_index < record.Values.Length)
                            part = record.Values[_index];
                        break;
                    case Map map: // the keys' hashes are there already
                        if (_index < map.Count)
                            part = map.ValueAt(_index);
                        break;
                }

                return part is not null;
            }

            public void Add(int hash)
            {
                if (_term is Map map)
                    _hash += Mix((uint)map.KeyHashAt(_index), (uint)hash); // in any order
                else
                    _hash = Mix(_hash, (uint)hash);
                _index++;
            }

            public readonly int Finish()
            {
                switch (_term)
                {
                    case Fun fun:
                        return Fold(Mix(Mix(_hash, (ulong)fun.Module.HashBits), ((ulong)fun.Index << 32) | (uint)fun.OldUniq));
                    case NativeRecord record:
                        return Fold(Mix(Mix(_hash, (ulong)record.Module.HashBits), (ulong)record.Name.HashBits));
                    case Map map:
                        int hash = Fold(Mix(_hash, (ulong)map.Count));
                        return map.CachedHash = hash == 0 ? 1 : hash;
                    default:
                        return Fold(Mix(_hash, (ulong)_index));
                }
            }
        }
    }
}
