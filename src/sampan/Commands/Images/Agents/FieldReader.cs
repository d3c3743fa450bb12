using System.Buffers.Binary;
using System.Text;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>Reads fields of SSH's formats, one after the other. Every length is checked.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>A number of four bytes.</summary>
    /// <exception cref="InvalidDataException">There are not so many bytes.</exception>
    public uint Number()
    {
        if (_rest.Length < 4) throw new InvalidDataException("it ends too early");
        uint number = BinaryPrimitives.ReadUInt32BigEndian(_rest);
        _rest = _rest[4..];
        return number;
    }

    /// <summary>A field with its length before it.</summary>
    /// <exception cref="InvalidDataException">There are not so many bytes.</exception>
    public byte[] Bytes()
    {
        uint length = Number();
        if (length > _rest.Length) throw new InvalidDataException("it ends too early");
        byte[] field = _rest[..(int)length].ToArray();
        _rest = _rest[(int)length..];
        return field;
    }

    /// <summary>The same as text.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());
}
