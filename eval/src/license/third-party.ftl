<#-- One line per library, in the order of their names; a library and its native files are one. -->
<#assign lines = []>
<#list dependencyMap as entry>
<#assign p = entry.getKey()>
<#assign licences = entry.getValue()?sort?join(", ")?replace("Unknown license", "not stated by its authors")>
<#if p.groupId == "org.bytedeco" && p.artifactId == "ffmpeg">
<#-- Its POM speaks of the Java half alone. -->
<#assign licences = "FFmpeg itself: LGPL-3.0-or-later; the Java half: " + licences>
</#if>
<#assign line = p.groupId + ":" + p.artifactId + ":" + p.version + " | " + licences + " | " + (p.url!"")>
<#if p.groupId != "dev.squint" && !lines?seq_contains(line)>
<#assign lines = lines + [line]>
</#if>
</#list>
Libraries that come with this program and their licences, as their authors state them. Written by the build; see NOTICE.

<#list lines?sort as line>
${line}
</#list>
