namespace Sampan.Runtime.Systemd;

/// <summary>The other side answered a call by an error.</summary>
/// <param name="name">Its name: <c>org.freedesktop.systemd1.NoSuchUnit</c>.</param>
/// <param name="message">What failed, on what, why.</param>
internal sealed class DBusErrorException(string name, string message) : RuntimeException("systemd", message)
{
    internal string Name { get; } = name;
}
