using System.Diagnostics;
using System.Text.Json.Nodes;
using Sampan.Linux.Proc;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>Many at once, and what somebody else wrote where the runtime keeps its records or looks for a configuration.</summary>
[Trait("guest", "long")]
public sealed class StateAttackTests : IDisposable
{
    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private string StateDirectory => $"{_bundle.Location}/state/{_bundle.Id}";

    private int Create()
    {
        _bundle.Write(TestSpec.For(_bundle.Id, "sleep", "1000"));
        _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id).Error.ShouldBeEmpty();
        return JsonNode.Parse(_bundle.Call("state", _bundle.Id).Output)!["pid"]!.GetValue<int>();
    }

    [Fact]
    public async Task Of_many_that_create_one_id_at_once_one_does_and_the_others_touch_nothing_of_it()
    {
        _bundle.Write(TestSpec.For(_bundle.Id, "sleep", "1000"));
        for (var round = 0; round < 5; round++)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id))));
            results.Count(one => one.Code == 0).ShouldBe(1, string.Join("", results.Select(one => one.Error)));
            foreach (var (_, _, error) in results.Where(one => one.Code != 0))
                error.ShouldContain("exists already");
            _bundle.Call("start", _bundle.Id).ShouldBe((0, "", ""));
            JsonNode.Parse(_bundle.Call("state", _bundle.Id).Output)!["status"]!.GetValue<string>().ShouldBe("running");
            _bundle.Call("delete", "--force", _bundle.Id).ShouldBe((0, "", ""));
        }
    }

    [Fact]
    public async Task Of_many_that_start_a_container_at_once_one_does()
    {
        for (var round = 0; round < 5; round++)
        {
            Create();
            var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _bundle.Call("start", _bundle.Id))));
            results.Count(one => one.Code == 0).ShouldBe(1, string.Join("", results.Select(one => one.Error)));
            JsonNode.Parse(_bundle.Call("state", _bundle.Id).Output)!["status"]!.GetValue<string>().ShouldBe("running");
            _bundle.Call("delete", "--force", _bundle.Id).ShouldBe((0, "", ""));
        }
    }

    public static TheoryData<string> Records => ["", "null", "[]", "{", "{\"pid\": -1}", "\0\0\0", "{\"schemaVersion\": 1, \"id\": 5}"];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_that_is_damaged_is_told_in_one_line_and_can_be_removed(string record)
    {
        Directory.CreateDirectory(StateDirectory);
        File.WriteAllText(StateDirectory + "/state.json", record);
        RequireRefused();
        _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
        Directory.Exists(StateDirectory).ShouldBeFalse();
    }

    [Fact]
    public void A_record_that_is_no_file_is_told_and_never_waited_for()
    {
        Directory.CreateDirectory(StateDirectory + "/state.json");
        RequireRefused();
        Directory.Delete(StateDirectory + "/state.json");
        MakeFifo(StateDirectory + "/state.json");
        RequireRefused();
        File.Delete(StateDirectory + "/state.json");
        File.CreateSymbolicLink(StateDirectory + "/state.json", "/dev/zero");
        RequireRefused();
        _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
        File.Exists("/dev/zero").ShouldBeTrue();
    }

    [Fact]
    public void A_record_that_is_huge_is_not_read_to_its_end()
    {
        Directory.CreateDirectory(StateDirectory);
        using (var file = File.Create(StateDirectory + "/state.json"))
            file.SetLength(1L << 40); // a hole: it costs nothing
        RequireRefused();
        _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
    }

    /// <summary>Every command that reads the record fails with one line that names the container or its file, and waits for nothing.</summary>
    private void RequireRefused()
    {
        foreach (var command in (string[])["state", "start", "kill", "delete"])
        {
            var (code, _, error) = _bundle.Call(command, _bundle.Id);
            code.ShouldBe(1, command);
            error.TrimEnd('\n').Split('\n').Length.ShouldBe(1, error);
            error.ShouldContain(_bundle.Id, customMessage: command);
            error.ShouldNotContain("   at ", customMessage: "a stack trace is no message");
        }
        _bundle.Call("list").Error.ShouldNotContain("   at ");
    }

    [Fact]
    public void A_record_with_another_process_number_kills_nobody()
    {
        Create();
        _bundle.Call("start", _bundle.Id).Code.ShouldBe(0);
        var record = JsonNode.Parse(File.ReadAllText(StateDirectory + "/state.json"))!.AsObject();
        using var victim = StartInAnotherTick(record["startTicks"]!.GetValue<ulong>());
        try
        {
            var ours = record["pid"]!.GetValue<int>();
            record["pid"] = victim.Id; // as if init had ended and its number were another's by now
            File.WriteAllText(StateDirectory + "/state.json", record.ToJsonString());
            JsonNode.Parse(_bundle.Call("state", _bundle.Id).Output)!["status"]!.GetValue<string>().ShouldBe("stopped");
            _bundle.Call("kill", _bundle.Id, "KILL").Code.ShouldBe(1);
            victim.HasExited.ShouldBeFalse();
            _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
            victim.HasExited.ShouldBeFalse();
            // What is in the container's group ends with it all the same; its new parent may not have taken notice of the end yet.
            HasEnded(ours).ShouldBeTrue();
        }
        finally
        {
            victim.Kill();
            victim.WaitForExit();
        }
    }

    /// <summary>A process is known by its number and the tick of its start, a hundredth of a second: no number comes again within one, but the test may be as fast.</summary>
    private static Process StartInAnotherTick(ulong tick)
    {
        while (true)
        {
            var process = Process.Start("/bin/sleep", ["1000"]).ShouldNotBeNull();
            if (ProcessStat.Read(process.Id)?.StartTicks != tick)
                return process;
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    private static bool HasEnded(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/..")]
    [InlineData("/a/../..")]
    [InlineData("relative")]
    public void A_record_with_a_group_that_is_not_the_containers_own_removes_none(string path)
    {
        // The record's own process is no more; its group is all that could be hit. A sound runtime refuses these before it looks for processes.
        Directory.CreateDirectory(StateDirectory);
        File.WriteAllText(StateDirectory + "/state.json", new JsonObject
        {
            ["schemaVersion"] = 1,
            ["id"] = _bundle.Id,
            ["pid"] = 1 << 22,
            ["startTicks"] = 1,
            ["bundle"] = _bundle.Location,
            ["cgroupPath"] = path,
            ["createdAt"] = "2026-01-01T00:00:00+00:00",
        }.ToJsonString());
        var (code, _, error) = _bundle.Call("delete", _bundle.Id);
        code.ShouldBe(1);
        error.ShouldContain("control group path");
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    [InlineData("/etc")]
    [InlineData("a\nb")]
    public void An_id_that_leads_elsewhere_removes_nothing(string id)
    {
        foreach (var command in (string[][])[["delete", "--force"], ["state"], ["kill"], ["start"]])
            _bundle.Call([.. command, id]).Code.ShouldBe(1);
        _bundle.RequireOutsideUntouched();
    }

    [Fact]
    public void A_state_directory_that_is_a_link_is_not_followed_when_it_is_removed()
    {
        Directory.CreateDirectory(_bundle.Location + "/state");
        File.CreateSymbolicLink(StateDirectory, _bundle.Outside);
        _bundle.Call("delete", "--force", _bundle.Id);
        _bundle.RequireOutsideUntouched();
        File.Delete(StateDirectory);
    }

    [Fact]
    public void A_link_in_place_of_a_new_state_directory_is_not_used()
    {
        Directory.CreateDirectory(_bundle.Location + "/state");
        File.CreateSymbolicLink(StateDirectory, _bundle.Outside);
        _bundle.Write(TestSpec.For(_bundle.Id, "true"));
        _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id).Code.ShouldBe(1);
        _bundle.RequireOutsideUntouched();
        File.Delete(StateDirectory);
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("directory")]
    [InlineData("endless")]
    [InlineData("huge")]
    [InlineData("loop")]
    public void A_configuration_that_is_no_file_of_sensible_size_is_refused_and_never_waited_for(string kind)
    {
        var path = _bundle.Location + "/config.json";
        switch (kind)
        {
            case "fifo":
                MakeFifo(path);
                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
            case "endless":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "huge":
                using (var file = File.Create(path))
                    file.SetLength(1L << 40);
                break;
            case "loop":
                File.CreateSymbolicLink(path, path);
                break;
        }
        var (code, _, error) = _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id);
        code.ShouldBe(1);
        error.ShouldContain("config.json");
        error.TrimEnd('\n').Split('\n').Length.ShouldBe(1, error);
        Directory.Exists(StateDirectory).ShouldBeFalse();
    }

    [Fact]
    public void A_bundle_exchanged_meanwhile_is_used_as_one_or_the_other_and_leads_nowhere_else()
    {
        // The other one's root is a link to a directory of the host, and its configuration wants to write there.
        var other = Directory.CreateDirectory(_bundle.Location + "/other").FullName;
        var own = Directory.CreateDirectory(_bundle.Location + "/own").FullName;
        Directory.Move(_bundle.Rootfs, own + "/rootfs");
        File.CreateSymbolicLink(other + "/rootfs", _bundle.Outside);
        _bundle.Write(TestSpec.For(_bundle.Id, "/bin/sh", "-c", "true"));
        File.Move(_bundle.Location + "/config.json", own + "/config.json");
        File.WriteAllText(other + "/config.json", "{");
        using (var exchange = new Exchange(_bundle.Location, "own", "other"))
        {
            for (var i = 0; i < 40; i++)
            {
                // Create either fails cleanly or makes a container whose root is a root: never one with a part of each.
                _bundle.Call("create", "--bundle", own, _bundle.Id);
                _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
                Directory.Exists(StateDirectory).ShouldBeFalse();
            }
        }
        File.ReadAllText(_bundle.Outside + "/secret").ShouldBe("of the host");
    }

    private static void MakeFifo(string path)
    {
        using var parent = Sampan.Linux.Io.RootPath.Open(Path.GetDirectoryName(path) ?? "/");
        parent.CreateNode(Path.GetFileName(path), Sampan.Linux.Io.FileKind.Fifo, (UnixFileMode)0x180);
    }
}
