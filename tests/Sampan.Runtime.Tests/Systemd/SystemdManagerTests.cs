using Sampan.Runtime.Systemd;

namespace Sampan.Runtime.Tests.Systemd;

/// <summary>The talk with systemd, the other side being played.</summary>
public sealed class SystemdManagerTests
{
    private const string Unit = "sampan-x.scope";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly UnitProperty[] s_properties = [new("Delegate", new DBusValue.Flag(true))];

    private static void Talk(Action<FakeBus> other, Action<SystemdManager> act, TimeSpan? patience = null)
    {
        var (client, bus) = FakeBus.Start(other);
        using (bus)
        {
            using (var manager = new SystemdManager(DBusConnection.Over(client, patience ?? s_patience)))
                act(manager);
            bus.Finish();
        }
    }

    [Fact]
    public void The_user_is_named_in_hexadecimal_digits_of_his_number() => Talk(
        bus =>
        {
            bus.Greet();
            var hex = Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(Linux.Processes.CurrentProcess.ReadUid().ToString()));
            bus.Greeting.ShouldBe($"\0AUTH EXTERNAL {hex}\r\nBEGIN\r\n");
        },
        static _ => { });

    [Theory]
    [InlineData("REJECTED EXTERNAL\r\n", "does not take user")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "does not take user")]
    public void Who_is_not_taken_hears_it(string answer, string words)
    {
        var (client, bus) = FakeBus.Start(bus => bus.Send(System.Text.Encoding.ASCII.GetBytes(answer)));
        using (bus)
            Should.Throw<RuntimeException>(() => DBusConnection.Over(client, s_patience)).Message.ShouldContain(words);
    }

    [Fact]
    public async Task Where_its_own_socket_is_not_there_systemd_is_asked_by_the_system_bus()
    {
        var directory = Directory.CreateTempSubdirectory("sampan-bus-").FullName;
        try
        {
            var calls = new List<(string?, string?)>();
            var listening = FakeBus.ListenAsync(directory, "system_bus_socket", bus =>
            {
                bus.Greet();
                for (var i = 0; i < 3; i++)
                {
                    var call = bus.Receive();
                    calls.Add((call.Destination, call.Member));
                    bus.Reply(call);
                }
                bus.Reply(bus.Receive(), "o", "/job/1");
                bus.JobRemoved("/job/1", Unit, "done");
            });
            using (var manager = SystemdManager.Connect(directory + "/none", directory))
                manager.StartScope(Unit, s_properties);
            using var bus = await listening.WaitAsync(s_patience, TestContext.Current.CancellationToken);
            bus.Finish();
            calls.ShouldBe([("org.freedesktop.DBus", "Hello"), ("org.freedesktop.DBus", "AddMatch"), ("org.freedesktop.systemd1", "Subscribe")]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Where_neither_answers_the_error_names_both() =>
        Should.Throw<RuntimeException>(() => SystemdManager.Connect("/no/such", "/no/such")).Message.ShouldContain("answers neither at '/no/such/private' nor by the system bus");

    [Fact]
    public void A_scope_is_started_when_its_job_is_done_also_if_the_word_comes_early() => Talk(
        bus =>
        {
            bus.Greet();
            var call = bus.Receive();
            (call.Destination, call.Path, call.Interface, call.Member).ShouldBe(
                ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "StartTransientUnit"));
            call.Signature.ShouldBe("ssa(sv)a(sa(sv))");
            var expected = new DBusWriter();
            expected.Text(Unit);
            expected.Text("fail");
            expected.Properties(s_properties);
            expected.Array(8, static () => { });
            call.Body.ToArray().ShouldBe(expected.Written.ToArray());
            bus.JobRemoved("/job/1", "other.scope", "failed");
            bus.JobRemoved("/job/2", Unit, "done");
            bus.Reply(call, "o", "/job/2");
        },
        static manager => manager.StartScope(Unit, s_properties));

    [Fact]
    public void A_failed_scope_of_the_name_is_cleared_and_the_start_tried_once_more() => Talk(
        bus =>
        {
            bus.Greet();
            bus.Refuse(bus.Receive(), "org.freedesktop.systemd1.UnitExists", "Unit sampan-x.scope already exists.");
            var reset = bus.Receive();
            reset.Member.ShouldBe("ResetFailedUnit");
            bus.Reply(reset);
            var again = bus.Receive();
            again.Member.ShouldBe("StartTransientUnit");
            bus.Reply(again, "o", "/job/3");
            bus.JobRemoved("/job/3", Unit, "done");
        },
        static manager => manager.StartScope(Unit, s_properties));

    [Fact]
    public void A_job_that_fails_is_told() => Talk(
        bus =>
        {
            bus.Greet();
            bus.Reply(bus.Receive(), "o", "/job/4");
            bus.JobRemoved("/job/4", Unit, "timeout");
            bus.Reply(bus.Receive());
        },
        static manager => Should.Throw<RuntimeException>(() => manager.StartScope(Unit, s_properties)).Message.ShouldContain("ended with 'timeout'"));

    [Fact]
    public void A_refusal_is_told_in_systemds_words() => Talk(
        bus =>
        {
            bus.Greet();
            bus.Refuse(bus.Receive(), "org.freedesktop.DBus.Error.InvalidArgs", "Cannot set property X");
        },
        static manager => Should.Throw<RuntimeException>(() => manager.SetProperties(Unit, s_properties)).Message
            .ShouldBe("systemd refused SetUnitProperties: Cannot set property X (org.freedesktop.DBus.Error.InvalidArgs)"));

    [Fact]
    public void Properties_are_set_at_run_time_only() => Talk(
        bus =>
        {
            bus.Greet();
            var call = bus.Receive();
            (call.Member, call.Signature).ShouldBe(("SetUnitProperties", "sba(sv)"));
            var expected = new DBusWriter();
            expected.Text(Unit);
            expected.Number32(1);
            expected.Properties(s_properties);
            call.Body.ToArray().ShouldBe(expected.Written.ToArray());
            bus.Reply(call);
        },
        static manager => manager.SetProperties(Unit, s_properties));

    [Fact]
    public void A_unit_that_is_gone_need_not_be_stopped() => Talk(
        bus =>
        {
            bus.Greet();
            bus.Refuse(bus.Receive(), "org.freedesktop.systemd1.NoSuchUnit", "Unit sampan-x.scope not loaded.");
        },
        static manager => manager.Stop(Unit));

    [Fact]
    public void The_group_is_where_systemd_says() => Talk(
        bus =>
        {
            bus.Greet();
            bus.Reply(bus.Receive(), "o", "/org/freedesktop/systemd1/unit/x");
            var get = bus.Receive();
            (get.Path, get.Member, get.Signature).ShouldBe(("/org/freedesktop/systemd1/unit/x", "Get", "ss"));
            var body = new DBusWriter();
            body.Variant(new DBusValue.Text("/system.slice/sampan-x.scope"));
            bus.Send(new DBusMessage { Kind = DBusKind.Reply, Serial = 1, ReplySerial = get.Serial, Signature = "v", Body = body.Written.ToArray() }.Encode());
        },
        static manager => manager.ControlGroupOf(Unit).ShouldBe("/system.slice/sampan-x.scope"));

    [Fact]
    public void A_connection_that_ends_or_speaks_otherwise_is_told_and_not_waited_for()
    {
        Talk(
            bus =>
            {
                bus.Greet();
                bus.Receive();
                bus.Leave();
            },
            static manager => Should.Throw<RuntimeException>(() => manager.Stop(Unit)).Message.ShouldContain("closed the connection"));
        Talk(
            bus =>
            {
                bus.Greet();
                bus.Receive();
                bus.Send("this is no message of any protocol"u8);
            },
            static manager => Should.Throw<RuntimeException>(() => manager.Stop(Unit)).Message.ShouldContain("no message of D-Bus"));
    }

    [Fact]
    public void A_silent_other_side_is_given_up() => Talk(
        bus =>
        {
            bus.Greet();
            bus.Receive();
        },
        static manager => Should.Throw<RuntimeException>(() => manager.Stop(Unit)).Message.ShouldContain("did not answer StopUnit within"),
        TimeSpan.FromSeconds(2));
}
