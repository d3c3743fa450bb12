using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Tests.Tables;

public sealed class ListFormatTests
{
    private static readonly ContainerSummary[] s_containers =
    [
        new()
        {
            Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Names = ["/web", "/other/alias"], Image = "nginx", ImageID = "sha256:aa", Command = "nginx -g 'daemon off;' \"quoted\"",
            Created = FixedTime.Noon.GetUtcNow().AddMinutes(-3).ToUnixTimeSeconds(), State = "running", Status = "Up 3 minutes",
            Ports = [new() { IP = "0.0.0.0", PrivatePort = 80, PublicPort = 8080, Type = "tcp" }, new() { IP = "::", PrivatePort = 80, PublicPort = 8080, Type = "tcp" }, new() { PrivatePort = 443, Type = "tcp" }],
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["b"] = "2", ["a"] = "<1>&" }, SizeRw = 1200, SizeRootFs = 4_300_000,
            Mounts = [new() { Type = "volume", Name = "a-volume-with-a-long-name", Source = "", Destination = "/data", Driver = "local" }],
        },
        new()
        {
            Id = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210", Names = ["/made"], Image = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", ImageID = "sha256:00", Command = "sh",
            Created = FixedTime.Noon.GetUtcNow().AddDays(-20).ToUnixTimeSeconds(), State = "exited", Status = "Exited (137) 2 weeks ago",
        },
    ];

    private static readonly ImageLine[] s_images =
    [
        .. ImageShape.Lines(new ImageSummary { Id = "sha256:aa11223344556677", RepoTags = ["busybox:latest", "busybox:1", "registry.test:5000/a/b:v1"], RepoDigests = ["busybox@sha256:0011"], Created = FixedTime.Noon.GetUtcNow().AddHours(-5).ToUnixTimeSeconds(), Size = 4_261_550 }, digests: true),
        .. ImageShape.Lines(new ImageSummary { Id = "sha256:bb11223344556677", Created = FixedTime.Noon.GetUtcNow().AddYears(-3).ToUnixTimeSeconds(), Size = 117_000_000 }, digests: true),
    ];

    private static string Containers(string format, bool full = false, string? quiet = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        ListFormat.Write(output, format, ContainerShape.Create(full, FixedTime.Noon), s_containers, ContainerShape.Standard["table ".Length..], quiet);
        return output.ToString();
    }

    [Fact]
    public void Ps_as_a_table() => Golden.Check("ps.txt", Containers(""));

    [Fact]
    public void Ps_not_shortened() => Golden.Check("ps-no-trunc.txt", Containers("", full: true));

    [Fact]
    public void Ps_as_JSON() => Golden.Check("ps.json", Containers("json"));

    [Fact]
    public void Images_as_a_table()
    {
        using var output = new StringWriter { NewLine = "\n" };
        ListFormat.Write(output, "", ImageShape.Create(false, FixedTime.Noon), s_images, "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}");
        Golden.Check("images.txt", output.ToString());
    }

    [Theory]
    [InlineData("{{.ID}}:{{.Names}}", "0123456789ab:web\nfedcba987654:made\n")]
    [InlineData("table {{.Names}}\\t{{.State}}", "NAMES     STATE\nweb       running\nmade      exited\n")]
    [InlineData("table{{.Names}}", "NAMES\nweb\nmade\n")]
    [InlineData("{{.Label \"a\"}}|{{.Labels}}", "<1>&|a=<1>&,b=2\n|\n")]
    [InlineData("table {{.Label \"com.example.my-label\"}}", "my label\n\n\n")]
    [InlineData("{{.Size}}", "1.2kB (virtual 4.3MB)\n0B\n")]
    [InlineData("{{.Mounts}}/{{.LocalVolumes}}", "a-volume-with-…/1\n/0\n")]
    [InlineData("{{json .Names}}", "\"web\"\n\"made\"\n")]
    public void A_template_prints_what_it_asks_for(string format, string expected) => Containers(format).ShouldBe(expected);

    [Fact]
    public void Quiet_prints_one_field_whatever_the_table() => Containers("table", quiet: "{{.ID}}").ShouldBe("0123456789ab\nfedcba987654\n");

    [Theory]
    [InlineData("{{.Nonsense}}", "can't evaluate field Nonsense in type container; its fields are ID, Names, Image")]
    [InlineData("{{.Label}}", "Label wants one text as argument")]
    [InlineData("{{.ID", "unclosed action")]
    public void An_unknown_field_is_refused_with_those_there_are(string format, string reason) => Should.Throw<CommandException>(() => Containers(format)).Message.ShouldContain(reason);

    [Theory]
    [InlineData("", "")]
    [InlineData("80//tcp", "80/tcp")]
    [InlineData("80/8080/tcp", "0.0.0.0:8080->80/tcp")]
    [InlineData("80/80/tcp 81/81/tcp 82/82/tcp", "0.0.0.0:80-82->80-82/tcp")]
    [InlineData("80//tcp 81//tcp 83//tcp 80//udp", "80-81/tcp, 83/tcp, 80/udp")]
    [InlineData("80/8080/tcp 443//tcp 90/90/tcp", "0.0.0.0:90->90/tcp, 443/tcp, 0.0.0.0:8080->80/tcp")]
    [InlineData("80/8080/tcp 81/8081/tcp", "0.0.0.0:8080->80/tcp, 0.0.0.0:8081->81/tcp")]
    public void Ports_are_drawn_together(string ports, string expected) => PortList.Show(
    [
        .. ports.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('/')).Select(p => new PortSummary
        {
            PrivatePort = ushort.Parse(p[0], System.Globalization.CultureInfo.InvariantCulture),
            PublicPort = p[1].Length > 0 ? ushort.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture) : null,
            IP = p[1].Length > 0 ? "0.0.0.0" : null,
            Type = p[2],
        }),
    ]).ShouldBe(expected);
}
