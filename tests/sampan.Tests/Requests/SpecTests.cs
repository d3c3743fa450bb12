using FsCheck;
using FsCheck.Fluent;
using Sampan.Cli.Requests;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Tests.Requests;

/// <summary>The little languages of -p, --expose, --mount, --env-file and --label-file.</summary>
public sealed class SpecTests
{
    private static string Published(string spec)
    {
        var exposed = new Dictionary<string, EmptyObject?>(StringComparer.Ordinal);
        var bindings = new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
        PortSpecs.Publish(spec, exposed, bindings);
        exposed.Keys.ShouldBe(bindings.Keys);
        return string.Join(' ', bindings.SelectMany(p => (p.Value ?? []).Select(b => $"{p.Key}={b.HostIp}:{b.HostPort}")));
    }

    [Theory]
    [InlineData("80", "80/tcp=:")]
    [InlineData("8080:80", "80/tcp=:8080")]
    [InlineData("8080:80/udp", "80/udp=:8080")]
    [InlineData("8080:80/UDP", "80/udp=:8080")]
    [InlineData("127.0.0.1:8080:80", "80/tcp=127.0.0.1:8080")]
    [InlineData("127.0.0.1::80", "80/tcp=127.0.0.1:")]
    [InlineData("[::1]:8080:80", "80/tcp=::1:8080")]
    [InlineData("8080-8082:80-82", "80/tcp=:8080 81/tcp=:8081 82/tcp=:8082")]
    [InlineData("8080-8090:80", "80/tcp=:8080-8090")]
    [InlineData("80-81", "80/tcp=: 81/tcp=:")]
    [InlineData("target=80,published=8080,protocol=udp", "80/udp=:8080")]
    [InlineData("target=80", "80/tcp=:")]
    public void Ports_are_published_in_every_form(string spec, string expected) => Published(spec).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("nonsense:80")]
    [InlineData("80:nonsense")]
    [InlineData("80:80/icmp")]
    [InlineData("65536:80")]
    [InlineData("80:65536")]
    [InlineData("8080-8081:80-82")]
    [InlineData("82-80:80")]
    [InlineData("999.0.0.1:80:80")]
    [InlineData("1-2-3:80")]
    [InlineData("published=80")]
    [InlineData("target=80,nonsense=1")]
    public void What_is_no_port_is_refused(string spec) => Should.Throw<FormatException>(() => Published(spec)).Message.ShouldNotBeEmpty();

    [Fact]
    public void Any_port_specification_is_read_or_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(
        Gen.Elements("80", "8080", "65536", ":", "-", "/", "tcp", "udp", "[", "]", "::1", "127.0.0.1", "target=", ",", "published=", "", " ").ListOf().Select(l => string.Concat(l.Take(8))).ToArbitrary(), spec =>
        {
            try
            {
                Published(spec);
                PortSpecs.Expose(spec, new Dictionary<string, EmptyObject?>(StringComparer.Ordinal));
            }
            catch (FormatException refused)
            {
                refused.Message.ShouldNotBeEmpty();
            }
        }));

    [Fact]
    public void Expose_takes_ports_and_ranges()
    {
        var exposed = new Dictionary<string, EmptyObject?>(StringComparer.Ordinal);
        PortSpecs.Expose("7000-7002/udp", exposed);
        PortSpecs.Expose("80", exposed);
        exposed.Keys.ShouldBe(["7000/udp", "7001/udp", "7002/udp", "80/tcp"]);
        Should.Throw<FormatException>(() => PortSpecs.Expose("80:80", exposed)).Message.ShouldContain("--expose");
    }

    [Fact]
    public void A_mount_has_all_its_fields()
    {
        var bind = MountSpecs.Parse("type=bind,src=/a,dst=/b,readonly,bind-propagation=rslave");
        (bind.Type, bind.Source, bind.Target, bind.ReadOnly, bind.BindOptions!.Propagation).ShouldBe(("bind", "/a", "/b", true, "rslave"));
        var volume = MountSpecs.Parse("source=v,target=/data,volume-nocopy=true,volume-label=a=b,volume-opt=o=x,\"volume-opt=p=1,2\"");
        (volume.Type, volume.VolumeOptions!.NoCopy).ShouldBe(("volume", true));
        volume.VolumeOptions.Labels!["a"].ShouldBe("b");
        volume.VolumeOptions.DriverConfig!.Options!["p"].ShouldBe("1,2");
        var tmpfs = MountSpecs.Parse("type=tmpfs,destination=/t,tmpfs-size=1m,tmpfs-mode=1770");
        (tmpfs.TmpfsOptions!.SizeBytes, tmpfs.TmpfsOptions.Mode).ShouldBe((1048576, 1016));
    }

    [Fact]
    public void A_mount_of_an_image_a_part_of_a_volume_and_other_owners_are_read()
    {
        var image = MountSpecs.Parse("type=image,source=tools,target=/tools,image-subpath=bin");
        (image.Type, image.Source, image.ImageOptions!.Subpath).ShouldBe(("image", "tools", "bin"));
        MountSpecs.Parse("type=volume,src=v,dst=/x,volume-subpath=a/b").VolumeOptions!.Subpath.ShouldBe("a/b");
        MountSpecs.Parse("type=bind,src=/a,dst=/b,idmap=uids=1000-0-1;gids=1000-0-1").IdMap.ShouldBe("uids=1000-0-1;gids=1000-0-1");
        MountSpecs.Parse("type=bind,src=/a,dst=/b,ro,bind-recursive=writable").BindOptions!.ReadOnlyNonRecursive.ShouldBeTrue();
        MountSpecs.Parse("type=bind,src=/a,dst=/b,ro,bind-recursive=readonly,bind-propagation=rprivate").BindOptions!.ReadOnlyForceRecursive.ShouldBeTrue();
    }

    [Theory]
    [InlineData("type=bind,src=/a,dst=/b,bind-recursive=writable")]
    [InlineData("type=bind,src=/a,dst=/b,bind-recursive=readonly")]
    [InlineData("type=bind,src=/a,dst=/b,ro,bind-recursive=readonly")]
    [InlineData("type=tmpfs,dst=/b,idmap=0-1")]
    [InlineData("type=bind,src=/a,dst=/b,image-subpath=x")]
    [InlineData("")]
    [InlineData("type=bind")]
    [InlineData("type=bind,source=/a")]
    [InlineData("target=/x,nonsense=1")]
    [InlineData("target=/x,readonly=perhaps")]
    [InlineData("type=tmpfs,target=/x,tmpfs-mode=999")]
    [InlineData("type=tmpfs,target=/x,tmpfs-size=lots")]
    [InlineData("target=/x,\"open")]
    [InlineData("type=tmpfs,target=/x,bind-propagation=shared")]
    public void What_is_no_mount_is_refused(string spec) => Should.Throw<FormatException>(() => MountSpecs.Parse(spec)).Message.ShouldNotBeEmpty();

    [Fact]
    public void Any_mount_specification_is_read_or_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(
        Gen.Elements("type=", "bind", "volume", "tmpfs", ",", "=", "target=/x", "source=.", "ro", "tmpfs-mode=", "777", "\"", "\"\"", "volume-opt=", "a", "bind-recursive=", " ", "\0").ListOf().Select(l => string.Concat(l.Take(10))).ToArbitrary(), spec =>
        {
            try
            {
                MountSpecs.Parse(spec).Target.ShouldNotBeNull();
            }
            catch (FormatException refused)
            {
                refused.Message.ShouldNotBeEmpty();
            }
        }));

    [Fact]
    public void Environment_files_have_comments_and_names_alone()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "\uFEFFA=1\n# a comment\n\n   B=two words \nFROM_HERE\nABSENT\nC=\nA=again=2\n");
            SettingFiles.Environment([file], ["D=3", "FROM_HERE", "ABSENT"], name => name == "FROM_HERE" ? "here" : null)
                .ShouldBe(["A=1", "B=two words ", "FROM_HERE=here", "C=", "A=again=2", "D=3", "FROM_HERE=here"]);
            File.WriteAllText(file, "a=1\nb\n");
            SettingFiles.Labels([file], ["a=2", "c"]).ShouldBe(new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "2", ["b"] = "", ["c"] = "" });
            foreach (var (line, reason) in new[] { ("A B=1", "contains whitespaces"), ("=1", "no variable name") })
            {
                File.WriteAllText(file, line);
                Should.Throw<FormatException>(() => SettingFiles.Environment([file], [], _ => null)).Message.ShouldContain(reason);
            }
        }
        finally
        {
            File.Delete(file);
        }
        Should.Throw<FormatException>(() => SettingFiles.Environment(["/no/such/file"], [], _ => null)).Message.ShouldBe("open /no/such/file: no such file or directory");
        Should.Throw<FormatException>(() => SettingFiles.Environment([], ["=x"], _ => null)).Message.ShouldBe("invalid environment variable: =x");
    }

    [Fact]
    public void A_file_of_variables_is_UTF8_and_its_lines_end_with_line_feeds()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "A=a\rb\r\nB=1\r\n");
            SettingFiles.Environment([file], [], _ => null).ShouldBe(["A=a\rb", "B=1"]);
            File.WriteAllBytes(file, [.. "A=1\nB="u8, 0xFF, .. "\n"u8]);
            Should.Throw<FormatException>(() => SettingFiles.Environment([file], [], _ => null)).Message.ShouldBe($"invalid bytes on line 2 of '{file}': it is not UTF-8");
        }
        finally
        {
            File.Delete(file);
        }
        Should.Throw<FormatException>(() => SettingFiles.Environment(["/tmp"], [], _ => null)).Message.ShouldBe("read /tmp: is a directory");
    }

    [Fact]
    public void A_request_for_gpus_has_all_its_fields()
    {
        var some = HostConfigBuilder.GpuRequest("2,\"capabilities=compute,utility\",driver=nvidia,options=a=b");
        (some.Count, some.Driver, some.Options!["a"]).ShouldBe((2, "nvidia", "b"));
        some.Capabilities!.Single().ShouldBe(["compute", "utility", "gpu"]);
        HostConfigBuilder.GpuRequest("all,capabilities=utility").Count.ShouldBe(-1);
        var named = HostConfigBuilder.GpuRequest("\"device=0,1\"");
        (named.Count, string.Join(' ', named.DeviceIDs!)).ShouldBe((0, "0 1"));
        HostConfigBuilder.GpuRequest("driver=x").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("a,b", "a|b")]
    [InlineData("", "")]
    [InlineData("\"a,b\",c", "a,b|c")]
    [InlineData("\"a\"\"b\"", "a\"b")]
    [InlineData("a,,b,", "a||b|")]
    public void Fields_are_those_of_a_CSV_line(string line, string fields) => string.Join('|', MountSpecs.Csv(line)).ShouldBe(fields);
}
