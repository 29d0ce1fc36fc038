using System.Buffers.Binary;

namespace CloudScale.Serialization.Etf;

/// <content>Funs, whose size stands before them.</content>
public ref partial struct EtfWriter
{
    // A fun begins with its size, which is known only at its end. So the outermost fun, and all inside it, goes to a buffer where sizes can be filled in.
    private void Enter(ref Frame frame, ref FunBuffer funs)
    {
        if (frame.Term is not Fun fun)
            return;
        if (funs.Depth++ == 0)
        {
            Flush();
            funs.Output = _output;
            funs.Buffer ??= new PooledBuffer(512);
            _output = funs.Buffer;
        }

        WriteByte((byte)EtfTag.NewFun);
        Flush();
        frame.SizeOffset = funs.Buffer!.Count;
        Span<byte> span = Reserve(29);
        span[4] = fun.Arity;
        BinaryPrimitives.WriteUInt128BigEndian(span[5..], fun.Uniq);
        BinaryPrimitives.WriteUInt32BigEndian(span[21..], fun.Index);
        BinaryPrimitives.WriteInt32BigEndian(span[25..], fun.FreeVariables.Length);
        _span = span[29..];
        WriteAtom(fun.Module);
        WriteLong(fun.OldIndex);
        WriteLong(fun.OldUniq);
        WritePid(fun.Creator);
    }

    private void Leave(in Frame frame, ref FunBuffer funs)
    {
        if (frame.Term is List { IsProper: true })
            WriteNil();
        if (frame.Term is not Fun)
            return;
        Flush();
        PooledBuffer buffer = funs.Buffer!;
        BinaryPrimitives.WriteInt32BigEndian(buffer.Written[frame.SizeOffset..], buffer.Count - frame.SizeOffset);
        if (--funs.Depth > 0)
            return;
        _output = funs.Output!;
        WriteBytes(buffer.Written);
        buffer.Dispose();
        funs.Buffer = null;
    }

    private ref struct FunBuffer
    {
        public PooledBuffer? Buffer;
        public System.Buffers.IBufferWriter<byte>? Output;
        public int Depth;
    }
}
