namespace Sampan.Runtime.Systemd;

/// <summary>A value of <see href="https://dbus.freedesktop.org/doc/dbus-specification.html#type-system">D-Bus's types</see>, as far as systemd's properties need them.</summary>
internal abstract record DBusValue
{
    private DBusValue(string signature) => Signature = signature;

    /// <summary>Its type as D-Bus writes it.</summary>
    internal string Signature { get; }

    /// <summary><c>b</c></summary>
    internal sealed record Flag(bool Value) : DBusValue("b");

    /// <summary><c>i</c></summary>
    internal sealed record Signed32(int Value) : DBusValue("i");

    /// <summary><c>u</c></summary>
    internal sealed record Number32(uint Value) : DBusValue("u");

    /// <summary><c>x</c></summary>
    internal sealed record Signed64(long Value) : DBusValue("x");

    /// <summary><c>t</c>; all bits set is systemd's infinity.</summary>
    internal sealed record Number64(ulong Value) : DBusValue("t");

    /// <summary><c>s</c></summary>
    internal sealed record Text(string Value) : DBusValue("s");

    /// <summary><c>as</c></summary>
    internal sealed record Texts(IReadOnlyList<string> Values) : DBusValue("as");

    /// <summary><c>au</c></summary>
    internal sealed record Numbers32(IReadOnlyList<uint> Values) : DBusValue("au");

    /// <summary><c>ay</c></summary>
    internal sealed record Bytes(ReadOnlyMemory<byte> Value) : DBusValue("ay");
}
