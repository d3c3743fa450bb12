namespace Sampan.Runtime.Systemd;

/// <summary>A property of a unit, see <see href="https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html">org.freedesktop.systemd1(5)</see>.</summary>
/// <param name="Name">For example <c>MemoryMax</c>.</param>
/// <param name="Value">What it is to be.</param>
internal sealed record UnitProperty(string Name, DBusValue Value);
