using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Logs;
using Sampan.Engine.Logs.Drivers;

namespace Sampan.Engine.Tests.Logs;

public sealed class LogDriverTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private static readonly LogOrigin Origin = new()
    {
        Id = "0123456789abcdef" + new string('0', 48),
        Name = "web",
        ImageId = "sha256:fedcba9876543210",
        ImageName = "nginx:1",
        Command = "nginx -g",
        Hostname = "host1",
        Created = Time.AddHours(-1),
        Labels = new Dictionary<string, string> { ["team"] = "blue" },
        Attributes = new Dictionary<string, string> { ["team"] = "blue" },
        Tag = "tagged",
    };

    private static LogEntry Entry(string text, LogStream stream = LogStream.Stdout) => new(stream, Time.AddTicks(1234567), Encoding.UTF8.GetBytes(text));

    private static IReadOnlyList<string> Problems(string? driver, params (string Name, string Value)[] options) =>
        [.. LogDrivers.Problems(new LogWish { Driver = driver, Options = options.ToDictionary(o => o.Name, o => o.Value) })];

    [Theory]
    [InlineData("{{.ID}}", "0123456789ab")]
    [InlineData("{{.Name}}/{{ .ImageName }}-{{.DaemonName}}", "web/nginx:1-docker")]
    [InlineData("{{.ImageID}} {{index .ContainerLabels \"team\"}}", "fedcba987654 blue")]
    [InlineData("plain", "plain")]
    public void A_tag_is_dockers_template(string template, string expected) => LogTag.Expand(template, Origin).ShouldBe(expected);

    [Theory]
    [InlineData("{{.Nothing}}")]
    [InlineData("{{.ID")]
    [InlineData("{{upper .ID}}")]
    public void A_tag_that_says_something_unknown_is_refused(string template) => Should.Throw<FormatException>(() => LogTag.Expand(template, Origin)).Message.ShouldContain("tag");

    [Fact]
    public void Drivers_and_options_that_are_not_known_are_refused_by_name()
    {
        Problems("splunk").ShouldHaveSingleItem().ShouldStartWith("logger: no log driver named 'splunk' is registered");
        Problems("json-file", ("max-szie", "1m")).ShouldBe(["unknown log opt 'max-szie' for json-file log driver"]);
        Problems("none", ("max-size", "1m")).ShouldBe(["unknown log opt 'max-size' for none log driver"]);
        Problems("gelf").ShouldBe(["gelf-address is a required parameter"]);
        Problems("gelf", ("gelf-address", "tcp://h:1"), ("gelf-compression-type", "gzip")).ShouldBe(["compression is only supported on UDP"]);
        Problems("syslog", ("syslog-facility", "kitchen")).ShouldBe(["invalid value of 'syslog-facility': 'kitchen'"]);
        Problems("syslog", ("syslog-address", "http://h")).ShouldHaveSingleItem().ShouldStartWith("invalid value of 'syslog-address'");
        Problems(null, ("mode", "sometimes")).ShouldBe(["logger: logging mode not supported: sometimes"]);
        Problems(null, ("max-buffer-size", "1m")).ShouldBe(["logger: max-buffer-size option is only supported with 'mode=non-blocking'"]);
        Problems(null, ("tag", "{{.Nope}}")).ShouldHaveSingleItem().ShouldContain(".Nope");
        Problems(null, ("compress", "maybe")).ShouldBe(["invalid value 'maybe' for compress"]);
        Problems(null, ("compress", "1")).ShouldBeEmpty();
        foreach (var alone in new[] { ("max-size", "1m"), ("max-file", "1"), ("max-size", "-1") })
            Problems(null, alone, ("compress", "T")).ShouldBe(["compress cannot be true when max-file is less than 2 or max-size is not set"]);
        Problems("syslog", ("cache-max-file", "1"), ("cache-compress", "true")).ShouldHaveSingleItem().ShouldStartWith("compress cannot be true");
        Problems("local", ("max-file", "1"), ("compress", "false")).ShouldBeEmpty();
        Problems("syslog", ("syslog-address", "udp://10.0.0.1"), ("syslog-format", "rfc5424"), ("mode", "non-blocking"), ("max-buffer-size", "4m"), ("tag", "{{.Name}}")).ShouldBeEmpty();
        Problems("fluentd", ("fluentd-address", "unix:///run/f.sock"), ("fluentd-request-ack", "true")).ShouldBeEmpty();
    }

    [Fact]
    public void An_entry_is_sent_again_as_often_as_the_options_say()
    {
        LogRetry.From(Wish("syslog")).ShouldSatisfyAllConditions(
            r => r.Most.ShouldBeNull(),
            r => r.Pauses().Take(11).Select(p => p.TotalMilliseconds).ShouldBe([100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]));
        LogRetry.From(Wish("fluentd", ("fluentd-retry-wait", "40s"), ("fluentd-max-retries", "2"))).Pauses().ShouldBe([TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(40)]);
        LogRetry.From(Wish("fluentd", ("fluentd-retry-wait", "10ms"), ("fluentd-max-retries", "3"))).Pauses().Select(p => p.TotalMilliseconds).ShouldBe([10, 20, 40]);
        LogRetry.From(Wish("fluentd", ("fluentd-retry-wait", "0"))).Pauses().First().ShouldBe(TimeSpan.FromMilliseconds(10), "no loop without a wait");
        LogRetry.From(Wish("fluentd", ("fluentd-max-retries", "0"))).Pauses().ShouldBeEmpty();
        LogRetry.From(Wish("gelf", ("gelf-address", "tcp://h:1"), ("gelf-tcp-max-reconnect", "2"), ("gelf-tcp-reconnect-delay", "5"))).Pauses().ShouldBe([TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)]);

        Problems("gelf", ("gelf-address", "udp://h:1"), ("gelf-tcp-max-reconnect", "2")).ShouldHaveSingleItem().ShouldContain("only supported on TCP");
        Problems("fluentd", ("fluentd-max-retries", "-1")).ShouldHaveSingleItem().ShouldStartWith("invalid value '-1' for fluentd-max-retries");
        Problems("fluentd", ("fluentd-retry-wait", "soon")).ShouldHaveSingleItem().ShouldStartWith("invalid value 'soon' for fluentd-retry-wait");
        Problems("fluentd", ("fluentd-buffer-limit", "much")).ShouldBe(["invalid value 'much' for fluentd-buffer-limit"]);
        Problems("fluentd", ("fluentd-async-reconnect-interval", "11s")).ShouldHaveSingleItem().ShouldContain("between 100ms and 10s");
        Problems("fluentd", ("fluentd-async", "true"), ("fluentd-async-reconnect-interval", "2s"), ("fluentd-retry-wait", "1s"), ("fluentd-max-retries", "30"), ("fluentd-buffer-limit", "8388608")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("fluentd-write-timeout")]
    [InlineData("fluentd-read-timeout")]
    public void Fluentd_has_the_limits_of_dockers_driver(string option)
    {
        foreach (var good in new[] { "", "0", "100ms", "10s" })
            Problems("fluentd", (option, good)).ShouldBeEmpty();
        foreach (var bad in new[] { "1", "-1s", "soon", "25h" })
            Problems("fluentd", (option, bad)).ShouldHaveSingleItem().ShouldStartWith($"invalid value '{bad}' for {option}");
    }

    [Theory]
    [InlineData("fluentd-write-timeout", "take")]
    [InlineData("fluentd-read-timeout", "acknowledge")]
    public async Task A_receiver_of_fluentd_that_takes_too_long_is_given_up(string option, string act)
    {
        // It takes what the sockets hold, reads nothing and says nothing.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var options = new Dictionary<string, string> { ["fluentd-address"] = silent.LocalEndPoint!.ToString()!, [option] = "50ms", ["fluentd-request-ack"] = option == "fluentd-read-timeout" ? "true" : "false" };
        await using var target = FluentdTarget.From(Origin, options);

        (await Should.ThrowAsync<IOException>(async () =>
        {
            while (true)
                await target.SendAsync(Entry(new string('x', act == "take" ? 1 << 20 : 1)), CancellationToken.None);
        })).Message.ShouldContain($"did not {act} an entry within 0.05 s");
        target.Patience.ShouldBe(TimeSpan.FromSeconds(30.05));
    }

    [Fact]
    public void Files_of_syslogs_TLS_are_looked_at_before_anything_is_sent()
    {
        var directory = Directory.CreateTempSubdirectory("sampan-syslog-");
        try
        {
            var (empty, certificate, key) = (Path.Combine(directory.FullName, "empty"), Path.Combine(directory.FullName, "cert.pem"), Path.Combine(directory.FullName, "key.pem"));
            using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var made = new CertificateRequest("CN=log", pair, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
            File.WriteAllText(empty, "no certificate");
            File.WriteAllText(certificate, made.ExportCertificatePem());
            File.WriteAllText(key, pair.ExportPkcs8PrivateKeyPem());

            Tls(("syslog-tls-ca-cert", "/no/such.pem")).ShouldHaveSingleItem().ShouldSatisfyAllConditions(told => told.ShouldContain("'syslog-tls-ca-cert'"), told => told.ShouldContain("'/no/such.pem'"));
            Tls(("syslog-tls-ca-cert", empty)).ShouldHaveSingleItem().ShouldContain($"'{empty}'");
            Tls(("syslog-tls-cert", empty), ("syslog-tls-key", key)).ShouldHaveSingleItem().ShouldContain($"'{empty}'");
            Tls(("syslog-tls-cert", certificate), ("syslog-tls-key", "/no/such.key")).ShouldHaveSingleItem().ShouldContain("'/no/such.key'");
            Tls(("syslog-tls-cert", certificate)).ShouldHaveSingleItem().ShouldContain("without 'syslog-tls-key'");
            Tls(("syslog-tls-ca-cert", certificate), ("syslog-tls-cert", certificate), ("syslog-tls-key", key)).ShouldBeEmpty();
            // Nobody asks for them.
            Tls(("syslog-tls-ca-cert", "/no/such.pem"), ("syslog-tls-skip-verify", "true")).ShouldBeEmpty();
            Problems("syslog", ("syslog-address", "udp://127.0.0.1"), ("syslog-tls-ca-cert", "/no/such.pem")).ShouldBeEmpty();
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        static IReadOnlyList<string> Tls(params (string Name, string Value)[] options) => Problems("syslog", [("syslog-address", "tcp+tls://127.0.0.1:1"), .. options]);
    }

    [Fact]
    public void Journald_is_refused_where_it_does_not_run()
    {
        if (File.Exists(JournaldTarget.Socket))
            Assert.Skip("journald runs on this machine");
        Problems("journald").ShouldHaveSingleItem().ShouldStartWith("journald is not enabled on this host");
    }

    [Fact]
    public void Logs_rotate_by_default_and_as_told()
    {
        LogPlan.From(new LogWish()).ShouldBe(new LogPlan(10 << 20, 5, true));
        LogPlan.From(new LogWish { Driver = "local" }).ShouldBe(new LogPlan(20 << 20, 5, true));
        LogPlan.From(Wish("json-file", ("max-size", "1k"))).ShouldBe(new LogPlan(1024, 1, false));
        LogPlan.From(Wish("json-file", ("max-size", "1k"), ("max-file", "3"), ("compress", "true"))).ShouldBe(new LogPlan(1024, 3, true));
        LogPlan.From(new LogWish { Options = new Dictionary<string, string> { ["compress"] = "F" } }).ShouldBe(new LogPlan(10 << 20, 5, false));
        LogPlan.From(Wish("json-file", ("max-size", "-1"))).MaxBytes.ShouldBe(0);
        LogPlan.From(Wish("syslog", ("cache-max-size", "1m"), ("cache-max-file", "2"), ("cache-compress", "false"))).ShouldBe(new LogPlan(1 << 20, 2, false));
    }

    [Fact]
    public void The_daemons_options_go_with_the_daemons_driver()
    {
        var usual = new Dictionary<string, string> { ["max-size"] = "5m" };
        LogDrivers.Merge(new LogWish(), null, usual).Options.ShouldBe(usual);
        LogDrivers.Merge(Wish("json-file", ("max-file", "2")), null, usual).Options.Count.ShouldBe(2);
        LogDrivers.Merge(Wish("none"), null, usual).Options.ShouldBeEmpty();
        LogDrivers.Merge(new LogWish(), "local", usual).ShouldSatisfyAllConditions(w => w.Driver.ShouldBe("local"), w => w.Options.ShouldBe(usual));
    }

    [Theory]
    [InlineData("rfc5424", "<30>1 2026-03-04T05:06:07Z host1 tagged 7 tagged - line\n")]
    [InlineData("rfc5424micro", "<30>1 2026-03-04T05:06:07.123456Z host1 tagged 7 tagged - line\n")]
    [InlineData("rfc3164", "<30>Mar  4 05:06:07 host1 tagged[7]: line\n")]
    [InlineData("", "<30>Mar  4 05:06:07 tagged[7]: line\n")]
    public void Syslog_is_written_in_each_format(string kind, string expected)
    {
        Assert.SkipUnless(TimeZoneInfo.Local.BaseUtcOffset == TimeSpan.Zero, "the expected texts are in UTC");
        Encoding.UTF8.GetString(new SyslogFormat(kind, 3, Framed: false).Write(Entry("line\n"), Origin, 7)).ShouldBe(expected);
        Encoding.UTF8.GetString(new SyslogFormat(kind, 3, Framed: true).Write(Entry("line"), Origin, 7)).ShouldBe($"{expected.Length} {expected}");
    }

    [Fact]
    public void Standard_error_is_an_error() =>
        Encoding.UTF8.GetString(new SyslogFormat("", 16, Framed: false).Write(Entry("x", LogStream.Stderr), Origin, 1)).ShouldStartWith("<131>");

    [Fact]
    public void Gelf_says_where_it_comes_from()
    {
        using var json = JsonDocument.Parse(GelfMessage.Write(Entry("a \"b\"\n", LogStream.Stderr), Origin));

        json.RootElement.GetProperty("short_message").GetString().ShouldBe("a \"b\"");
        json.RootElement.GetProperty("level").GetInt32().ShouldBe(3);
        json.RootElement.GetProperty("timestamp").GetDecimal().ShouldBe(1772600767.123m);
        json.RootElement.GetProperty("_container_name").GetString().ShouldBe("web");
        json.RootElement.GetProperty("_team").GetString().ShouldBe("blue");
    }

    [Fact]
    public void A_long_gelf_message_goes_in_chunks_and_one_too_long_does_not()
    {
        var message = new byte[5000];
        new Random(3).NextBytes(message);

        var chunks = GelfMessage.Chunk(message, 42);

        chunks.Count.ShouldBe(4);
        chunks.ShouldAllBe(c => c.Length <= GelfMessage.ChunkBytes && c[0] == 0x1e && c[1] == 0x0f && c[11] == 4);
        chunks.SelectMany(c => c[12..]).ShouldBe(message);
        GelfMessage.Chunk(new byte[200_000], 1).ShouldBeEmpty();
    }

    [Fact]
    public void Fluentd_gets_message_pack()
    {
        var bytes = FluentdMessage.Write(Entry("hi\n"), Origin with { Attributes = new Dictionary<string, string>() }, precise: true, chunk: "id");

        var expected = new List<byte> { 0x94, 0xa6 };
        expected.AddRange("tagged"u8);
        expected.AddRange([0xd7, 0x00, 0x69, 0xa7, 0xbd, 0xbf, 0x07, 0x5b, 0xcc, 0xbc, 0x84]);
        Encoding.Latin1.GetString(bytes).ShouldStartWith(Encoding.Latin1.GetString([.. expected]));
        bytes[^10..].ShouldBe([0x81, 0xa5, (byte)'c', (byte)'h', (byte)'u', (byte)'n', (byte)'k', 0xa2, (byte)'i', (byte)'d']);
        FluentdMessage.Acknowledged([0x81, 0xa3, (byte)'a', (byte)'c', (byte)'k', 0xa2, (byte)'i', (byte)'d']).ShouldBe("id");
        FluentdMessage.Acknowledged([0x81, 0xa3, (byte)'a', (byte)'c', (byte)'k', 0xa2, (byte)'i']).ShouldBeNull();
    }

    [Fact]
    public void The_journal_gets_fields()
    {
        var text = Encoding.Latin1.GetString(JournaldTarget.Write(Entry("two\nlines\n"), Origin));

        text.ShouldContain("PRIORITY=6\n");
        text.ShouldContain("CONTAINER_NAME=web\n");
        text.ShouldContain("MESSAGE\n\x09\0\0\0\0\0\0\0two\nlines\n");
        text.ShouldContain("TEAM=blue\n");
    }

    [Fact]
    public async Task A_full_buffer_drops_what_comes()
    {
        var buffer = new LogBuffer(10);
        for (var i = 0; i < 5; i++)
            buffer.Add(Entry($"line{i}"));
        buffer.End();

        var kept = new List<string>();
        while (await buffer.TakeAsync(CancellationToken.None) is { } entry)
            kept.Add(Encoding.UTF8.GetString(entry.Text.Span));

        kept.ShouldBe(["line0", "line1"]);
        buffer.Dropped.ShouldBe(3);
    }

    [Fact]
    public void A_position_counts_entries_of_one_time_and_survives_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("sampan-log-").FullName;
        try
        {
            var file = Path.Combine(directory, "position");
            LogPosition.Load(file).ShouldBeNull();
            var position = LogPosition.After(LogPosition.After(null, Entry("a")), Entry("b"));
            position.Count.ShouldBe(2);
            position.Save(file);
            LogPosition.Load(file).ShouldBe(position);
            File.WriteAllText(file, "nonsense");
            LogPosition.Load(file).ShouldBeNull();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static LogWish Wish(string driver, params (string Name, string Value)[] options) => new() { Driver = driver, Options = options.ToDictionary(o => o.Name, o => o.Value) };
}
