using Sampan.Linux;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Systemd;

/// <summary>
/// systemd, as far as containers need it. By its own socket if it can be had, as root always can; else by the system bus. See
/// <see href="https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.systemd1.html">org.freedesktop.systemd1(5)</see>.
/// </summary>
internal sealed class SystemdManager : IDisposable
{
    private const string Service = "org.freedesktop.systemd1";
    private const string ManagerPath = "/org/freedesktop/systemd1";
    private const string ManagerInterface = "org.freedesktop.systemd1.Manager";

    /// <summary>Exists where systemd is process 1, see <see href="https://www.freedesktop.org/software/systemd/man/latest/sd_booted.html">sd_booted(3)</see>.</summary>
    private const string BootedMark = "/run/systemd/system";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly DBusConnection _connection;

    internal SystemdManager(DBusConnection connection) => _connection = connection;

    /// <summary>Says no where systemd is not process 1, or we are not who it obeys.</summary>
    /// <exception cref="RuntimeException">It cannot be asked.</exception>
    internal static void RequireUsable()
    {
        if (!Directory.Exists(BootedMark))
            throw new RuntimeException("systemd", $"systemd does not run here ('{BootedMark}' is missing): give an absolute linux.cgroupsPath, and no --systemd-cgroup");
        if (CurrentProcess.ReadUid() != 0)
            throw new RuntimeException("systemd", "cgroups by systemd are for root: give an absolute linux.cgroupsPath, and no --systemd-cgroup");
    }

    /// <summary>Connects.</summary>
    /// <exception cref="RuntimeException">It does not run here, or does not answer.</exception>
    internal static SystemdManager Connect()
    {
        RequireUsable();
        return Connect("/run/systemd", "/run/dbus");
    }

    /// <summary>The same with given places.</summary>
    /// <param name="own">Directory of systemd's own socket.</param>
    /// <param name="bus">Directory of the system bus's socket.</param>
    /// <exception cref="RuntimeException">Nobody answers at either.</exception>
    internal static SystemdManager Connect(string own, string bus)
    {
        try
        {
            return new SystemdManager(DBusConnection.Open(own, "private", s_patience));
        }
        catch (LinuxException)
        {
            return new SystemdManager(OpenBus(own, bus)); // a namespace that was given the bus's socket alone
        }
    }

    private static DBusConnection OpenBus(string own, string directory)
    {
        DBusConnection bus;
        try
        {
            bus = DBusConnection.Open(directory, "system_bus_socket", s_patience);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("systemd", $"systemd runs, but answers neither at '{own}/private' nor by the system bus: {failure.Message}", failure);
        }
        try
        {
            bus.Call(Bus("Hello"));
            var match = new DBusWriter();
            match.Text($"type='signal',sender='{Service}',interface='{ManagerInterface}',member='JobRemoved'");
            bus.Call(Bus("AddMatch") with { Signature = "s", Body = match.Written.ToArray() });
            bus.Call(Method("Subscribe"));
            return bus;
        }
        catch
        {
            bus.Dispose();
            throw;
        }
    }

    /// <summary>Starts a scope; a failed one of that name, which systemd keeps for who wants to read it, is replaced.</summary>
    /// <exception cref="RuntimeException">systemd refused, or the scope did not start.</exception>
    internal void StartScope(string unit, IReadOnlyList<UnitProperty> properties)
    {
        try
        {
            StartTransient(unit, properties);
        }
        catch (DBusErrorException failure) when (failure.Name == "org.freedesktop.systemd1.UnitExists")
        {
            ResetFailed(unit);
            StartTransient(unit, properties);
        }
    }

    /// <summary>Changes properties of a unit until it ends.</summary>
    /// <exception cref="RuntimeException">systemd refused.</exception>
    internal void SetProperties(string unit, IReadOnlyList<UnitProperty> properties)
    {
        var body = new DBusWriter();
        body.Text(unit);
        body.Number32(1); // at run time only: nothing is written to disk
        body.Properties(properties);
        _connection.Call(Method("SetUnitProperties") with { Signature = "sba(sv)", Body = body.Written.ToArray() });
    }

    /// <summary>Ends a unit and waits for it; gone already is well.</summary>
    /// <exception cref="RuntimeException">systemd refused, or it did not end.</exception>
    internal void Stop(string unit)
    {
        try
        {
            AwaitJob(unit, Start("StopUnit", unit, "replace"));
        }
        catch (DBusErrorException failure) when (failure.Name == "org.freedesktop.systemd1.NoSuchUnit")
        {
            return;
        }
        ResetFailed(unit);
    }

    /// <summary>Where a scope is in the hierarchy.</summary>
    /// <exception cref="RuntimeException">systemd has none of this name.</exception>
    internal string ControlGroupOf(string unit)
    {
        var name = new DBusWriter();
        name.Text(unit);
        var found = _connection.Call(Method("GetUnit") with { Signature = "s", Body = name.Written.ToArray() });
        var wish = new DBusWriter();
        wish.Text("org.freedesktop.systemd1.Scope");
        wish.Text("ControlGroup");
        var answer = _connection.Call(new DBusMessage
        {
            Kind = DBusKind.Call,
            Serial = 0,
            Destination = Service,
            Path = FirstText(found, "o"),
            Interface = "org.freedesktop.DBus.Properties",
            Member = "Get",
            Signature = "ss",
            Body = wish.Written.ToArray(),
        });
        var reader = new DBusReader(answer.Body.Span);
        return answer.Signature == "v" && reader.TrySignature(out var type) && type == "s" && reader.TryText(out var path) && path.StartsWith('/')
            ? path : throw new RuntimeException("systemd", $"systemd does not say where the cgroup of '{unit}' is");
    }

    public void Dispose() => _connection.Dispose();

    private void StartTransient(string unit, IReadOnlyList<UnitProperty> properties)
    {
        var body = new DBusWriter();
        body.Text(unit);
        body.Text("fail");
        body.Properties(properties);
        body.Array(8, static () => { }); // no further units
        var job = _connection.Call(Method("StartTransientUnit") with { Signature = "ssa(sv)a(sa(sv))", Body = body.Written.ToArray() });
        AwaitJob(unit, FirstText(job, "o"));
    }

    /// <summary>A job that is gone is done: its result comes with the signal that says so (<c>uoss</c>: number, job, unit, result).</summary>
    private void AwaitJob(string unit, string job)
    {
        var result = "";
        _connection.AwaitSignal("JobRemoved", signal =>
        {
            var reader = new DBusReader(signal.Body.Span);
            return signal.Signature == "uoss" && reader.TryNumber32(out _) && reader.TryText(out var path) && path == job && reader.TryText(out _) && reader.TryText(out result);
        });
        if (result == "done")
            return;
        ResetFailed(unit);
        throw new RuntimeException("systemd", $"systemd's job for '{unit}' ended with '{result}': see 'systemctl status {unit}' or its journal");
    }

    /// <summary>A unit that failed is kept until somebody says that he knows; one that did not fail, or is not there, is well.</summary>
    private void ResetFailed(string unit)
    {
        var body = new DBusWriter();
        body.Text(unit);
        try
        {
            _connection.Call(Method("ResetFailedUnit") with { Signature = "s", Body = body.Written.ToArray() });
        }
        catch (DBusErrorException failure) when (failure.Name == "org.freedesktop.systemd1.NoSuchUnit")
        {
            // Nothing is kept.
        }
    }

    private string Start(string method, string unit, string mode)
    {
        var body = new DBusWriter();
        body.Text(unit);
        body.Text(mode);
        return FirstText(_connection.Call(Method(method) with { Signature = "ss", Body = body.Written.ToArray() }), "o");
    }

    private static string FirstText(DBusMessage answer, string type)
    {
        var reader = new DBusReader(answer.Body.Span);
        return answer.Signature == type && reader.TryText(out var text) ? text : throw new RuntimeException("systemd", $"systemd's answer has the types '{answer.Signature}', expected '{type}'");
    }

    private static DBusMessage Method(string name) => new()
    {
        Kind = DBusKind.Call,
        Serial = 0,
        Destination = Service,
        Path = ManagerPath,
        Interface = ManagerInterface,
        Member = name,
    };

    private static DBusMessage Bus(string name) => new()
    {
        Kind = DBusKind.Call,
        Serial = 0,
        Destination = "org.freedesktop.DBus",
        Path = "/org/freedesktop/DBus",
        Interface = "org.freedesktop.DBus",
        Member = name,
    };
}
